import { emptyQueue, fold } from '../../../workflows/domain/refinery/screening/fold.ts';
import { plan } from '../../../workflows/domain/refinery/screening/plan.ts';
import type {
  Outcome,
  QueueEvent,
  QueueState,
  Policy as Settings,
} from '../../../workflows/domain/refinery/screening/queue.ts';
import { branchOf, type Lab, type LabRun, type Policy } from './laboratory.ts';
import type { World } from './world.ts';

/** The production planner in the laboratory: it hears what a queue would tell it, and no more. */
export const screenConfirm = (
  slots: number,
  settings: Partial<Settings>,
): Policy & { state(): QueueState } => {
  let state = emptyQueue(slots, settings);
  const hear = (event: QueueEvent): void => {
    state = fold(state, event);
  };
  return {
    name: 'screen-confirm',
    state: () => state,
    arrived: (id, lab) => {
      const { arrivesAt, areas, conflicts, priority = 0 } = branchOf(lab.world, id);
      const branch = { id, arrivedAt: arrivesAt, footprint: areas, conflicts, priority };
      hear({ kind: 'arrived', at: lab.now, branch });
    },
    ended: (run, { now, world }) =>
      hear({ kind: 'ended', at: now, run: run.id, outcome: outcomeOf(run, world) }),
    landed: (_members, run, { now }) => hear({ kind: 'landed', at: now, run: run.id }),
    left: (branches, { now }) => hear({ kind: 'left', at: now, branches }),
    plan: (lab) => {
      state = { ...state, now: lab.now };
      const decision = plan(state);
      hear({ kind: 'decided', at: lab.now, decision });
      return {
        land: decision.land === undefined ? undefined : runNumbered(lab, decision.land),
        reject: decision.reject.map(({ branch }) => branch),
        cancel: decision.cancel.flatMap((id) => [...lab.running].filter((run) => run.id === id)),
        start: decision.start,
      };
    },
  };
};

const outcomeOf = ({ passes, failing }: LabRun, world: World): Outcome =>
  passes
    ? { kind: 'passed' }
    : {
        kind: 'failed',
        tests: failing.map((test) => ({ name: String(test), ...areaOf(world.areaOf(test)) })),
      };

const areaOf = (area: number | undefined) => (area === undefined ? {} : { area });

const runNumbered = ({ passed }: Lab, id: number): LabRun | undefined => passed.find((run) => run.id === id);
