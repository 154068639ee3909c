import { getExternalWorkflowHandle, patched } from '@temporalio/workflow';
import { tellPerson } from '../announce.ts';
import { proposalsWait, waitingProposals } from '../domain/bead/proposal.ts';
import type { ConvoyResult } from '../domain/convoy.ts';
import { addUsage, noUsage } from '../domain/host/model.ts';
import { workflowId } from '../domain/naming.ts';
import type { BeadLine } from '../domain/report/report.ts';
import { mail } from '../messages.ts';
import { type ConvoyDesk, statusOf } from './desk.ts';
import { tellRest } from './spending.ts';
import { returnToTown } from './treasury.ts';

/** The convoy's result; what needs a person also goes into the town's mailbox. */
export const convoyEnd = async (desk: ConvoyDesk): Promise<ConvoyResult> => {
  const lines = statusOf(desk).epics.flatMap(({ beads, epic }) => beads.map((bead) => ({ epic, bead })));
  const count = (state: BeadLine['state']): number => lines.filter(({ bead }) => bead.state === state).length;
  const blocked = lines.filter(({ bead }) => bead.failure !== undefined);
  for (const { epic, bead } of blocked.slice(0, 20)) {
    if (bead.failure === undefined) continue;
    const about = `${desk.input.convoy}/${epic}/${bead.bead}`;
    await getExternalWorkflowHandle(workflowId.town)
      .signal(mail, { about, failure: bead.failure })
      .catch(() => undefined); // a town that was ended by hand has no mailbox
  }
  await tellProposals(desk);
  await tellRest(desk);
  await returnToTown(desk);
  const unstarted = [...desk.epics.values()]
    .filter(({ state }) => state === 'held')
    .reduce((sum, { plan }) => sum + plan.beads.length, 0);
  return {
    convoy: desk.input.convoy,
    landed: count('landed'),
    blocked: count('blocked'),
    cancelled: count('cancelled'),
    held: count('held') + unstarted,
    usage: [...desk.epics.values()].reduce((sum, { usage }) => (usage ? addUsage(sum, usage) : sum), noUsage),
    ms: Date.now() - desk.bornAt,
  };
};

/** Nobody can be told any more which of them to accept, so that they wait is a letter, which can be cleared. */
const tellProposals = async (desk: ConvoyDesk): Promise<void> => {
  const { convoy, epics } = statusOf(desk);
  const count = waitingProposals(epics);
  if (count === 0 || !patched('tells-of-proposals')) return;
  const letter = { about: `proposals of ${convoy}`, failure: proposalsWait(convoy, count, false), convoy };
  await getExternalWorkflowHandle(workflowId.town)
    .signal(mail, letter)
    .catch(() => undefined); // likewise
};

/** Tells the person who wants it that the convoy has ended; one that they cancelled themselves is no news. */
export const announceEnd = async ({ input }: ConvoyDesk): Promise<void> => {
  if (!input.settings.announces) return;
  await tellPerson('ended', { event: 'ended', convoy: input.convoy, about: [] });
};
