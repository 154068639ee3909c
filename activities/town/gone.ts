import { WorkflowNotFoundError } from '@temporalio/client';

/** Whether a call failed because the workflow has ended or never was. */
export const isGone = (error: unknown): boolean => error instanceof WorkflowNotFoundError;
