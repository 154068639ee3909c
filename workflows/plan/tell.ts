import { condition, getExternalWorkflowHandle, patched } from '@temporalio/workflow';
import { tellPerson } from '../announce.ts';
import type { Failure } from '../domain/failure.ts';
import { workflowId } from '../domain/naming.ts';
import { planWaits } from '../domain/plan/planning.ts';
import { mail, settled } from '../messages.ts';
import type { PlanDesk } from './desk.ts';

/** Whether this run has told of itself from its beginning: those that are older stay as silent as they were. */
export const tellsOfPlans = (): boolean => patched('tells-of-plans');

/** A plan that waits needs a person, unless they sit before it and decide at once. */
export const tellIfItWaits = async (desk: PlanDesk): Promise<void> => {
  const { pace } = desk.input.settings;
  if (await condition(() => desk.state !== 'waiting', pace.gatherMs)) return;
  if (desk.draft !== undefined) await tell(desk, 'waits', planWaits(desk.input, desk.draft));
};

/** No plan could be made. */
export const tellItFailed = (desk: PlanDesk, failure: Failure): Promise<void> =>
  tell(desk, 'failed', failure);

/** It was decided on. */
export const takeLetterBack = async ({ input }: PlanDesk): Promise<void> => {
  await getExternalWorkflowHandle(workflowId.town)
    .signal(settled, { about: aboutOf(input.convoy) })
    .catch(() => undefined); // a town that was ended by hand has no mailbox
};

const tell = async ({ input }: PlanDesk, name: string, failure: Failure): Promise<void> => {
  const { convoy, settings } = input;
  const about = aboutOf(convoy);
  await getExternalWorkflowHandle(workflowId.town)
    .signal(mail, { about, failure, convoy })
    .catch(() => undefined); // likewise
  if (!settings.announces) return;
  await tellPerson(name, { event: 'needsYou', convoy, about: [{ about, failure }] });
};

const aboutOf = (convoy: string): string => `plan ${convoy}`;
