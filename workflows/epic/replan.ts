import {
  condition,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { withProposals } from '../domain/bead/proposal.ts';
import { charge, freeTokens } from '../domain/budget/allowance.ts';
import { type BoardBead, linesOf } from '../domain/epicBoard.ts';
import type { Failure } from '../domain/failure.ts';
import { addUsage, spentMoney, totalTokens } from '../domain/host/model.ts';
import { workflowId } from '../domain/naming.ts';
import type { MayorSettings } from '../domain/plan/mayor.ts';
import { afterReplan, mayorFirstMs, mayReplan, type ReplanResult } from '../domain/plan/replan.ts';
import { longestSummary, markdownText } from '../domain/text.ts';
import { replan } from '../replan.ts';
import type { EpicDesk } from './desk.ts';
import { tellBlocked } from './tell.ts';

/** Tells of a blocked bead: the mayor first, where there is one that may be asked, then the person. Once for each bead and launch. */
export const escalate = async (desk: EpicDesk, one: BoardBead): Promise<void> => {
  const { mayor } = desk.input.settings;
  const { failure, state, spec } = one;
  // Nobody has to look after what was not needed.
  if (spec.optional) return;
  const asked = (desk.replanned ??= new Set());
  if (mayor === undefined || state !== 'blocked' || !mayReplan(failure) || asked.has(spec.id))
    return tellBlocked(desk, one);
  asked.add(spec.id);
  // The slot and the tokens of the bead are free meanwhile; only the end of the epic waits.
  void askMayorFirst(desk, one, mayor, failure);
};

/** The epic lasts until its mayor has answered: nobody else could put the proposals on its board. */
export const isReplanning = ({ replanning = 0 }: EpicDesk): boolean => replanning > 0;

const askMayorFirst = async (
  desk: EpicDesk,
  one: BoardBead,
  mayor: MayorSettings,
  failure: Failure,
): Promise<void> => {
  desk.replanning = (desk.replanning ?? 0) + 1;
  let answered = false;
  const asked = proposed(desk, one, mayor, failure).finally(() => {
    answered = true;
  });
  try {
    const inTime = await condition(() => answered, mayorFirstMs);
    if (!inTime) await tellBlocked(desk, one);
    await asked;
    await tellBlocked(desk, one);
  } catch (error) {
    await asked.catch(() => undefined);
    if (!isCancellation(error)) await tellBlocked(desk, one);
  } finally {
    desk.replanning--;
    desk.version++;
  }
};

const proposed = async (
  desk: EpicDesk,
  one: BoardBead,
  mayor: MayorSettings,
  failure: Failure,
): Promise<void> => {
  // Until then what it has not spent is still its own, and not the mayor's.
  await condition(() => !one.open);
  const result = await runReplan(desk, one, mayor, failure);
  bookMayor(desk, one.spec.id, result);
  const proposals = withProposals(one.proposals, result.proposals);
  if (proposals !== undefined) one.proposals = proposals;
  // Retried meanwhile, it has another story.
  if (one.failure === failure) one.failure = afterReplan(failure, desk.input.convoy, result);
};

const runReplan = (
  desk: EpicDesk,
  { spec }: BoardBead,
  mayor: MayorSettings,
  failure: Failure,
): Promise<ReplanResult> => {
  const { convoy, plan, rig } = desk.input;
  // It was granted of the day when the epic got it.
  const { dailyMoney: _, ...settings } = { ...desk.input.settings, dailyBudget: false };
  const { purse, board } = desk;
  const ref = { convoy, epic: plan.id, bead: spec.id };
  const money = freeTokens(purse.money);
  return executeChild(replan, {
    workflowId: workflowId.replan(ref),
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: markdownText(`another plan for ${spec.id}`, longestSummary),
    args: [
      {
        ...{ ref, mayor, failure, rig: rig.rig, target: rig.target },
        ...{ title: spec.title, taskRef: spec.taskRef },
        others: linesOf(board)
          .filter(({ bead }) => bead !== spec.id)
          .slice(0, 100)
          .map(({ bead, title, state }) => ({ bead, title, state })),
        settings: {
          ...settings,
          // Only what the epic has and no bead holds: nothing is asked of the convoy for this.
          tokens: freeTokens(purse.ledger),
          ...(money === undefined ? {} : { money }),
          pace: { ...settings.pace, downPatienceMs: Math.min(settings.pace.downPatienceMs, mayorFirstMs) },
        },
      },
    ],
  });
};

/** G7: calls of the mayor are the epic's, like those of its beads. */
const bookMayor = (desk: EpicDesk, id: string, { usage }: ReplanResult): void => {
  desk.spentBefore = addUsage(desk.spentBefore, usage);
  desk.purse.ledger = charge(desk.purse.ledger, `replan of ${id}`, totalTokens(usage));
  desk.purse.money = charge(desk.purse.money, `replan of ${id}`, spentMoney(usage));
};
