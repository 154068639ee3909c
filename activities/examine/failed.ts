import { ApplicationFailure } from '@temporalio/common';
import { clip, type Failure } from '../../workflows/domain/failure.ts';
import { type Finding, illBy, isIll } from '../../workflows/domain/finding.ts';

/** What an examination threw, as the town itself would tell it. */
export const failedBy = (check: string, error: unknown): Finding => {
  const [details] = error instanceof ApplicationFailure ? (error.details ?? []) : [];
  if (isFailure(details)) return illBy(check, details);
  return isIll(check, {
    what: 'The examination met an error that it does not know.',
    evidence: clip(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    fix: 'Correct what the evidence says, and run the command again',
  });
};

const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'what' in value && 'next' in value;
