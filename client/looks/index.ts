import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';

/**
 * What a look answers. Looks change nothing, ask nobody, and mean the same in whatever process and folder they run, so that the
 * open town can answer them for `gt`.
 */
export type Look = (call: Call<object>, ...args: (string | undefined)[]) => Promise<Answer>;

export type LookName =
  | 'status'
  | 'inbox'
  | 'escalations'
  | 'problems'
  | 'polecats'
  | 'budget show'
  | 'convoy list'
  | 'convoy status'
  | 'bead show'
  | 'plan list'
  | 'refinery status'
  | 'refinery queue'
  | 'refinery show'
  | 'report';

/** By what people type. A module is loaded when its look is wanted. */
export const looks: Readonly<Record<LookName, () => Promise<Look>>> = {
  status: async () => (await import('./status.ts')).status,
  inbox: async () => (await import('./inbox.ts')).inbox,
  escalations: async () => (await import('./escalations.ts')).escalations,
  problems: async () => (await import('./problems.ts')).problems,
  'budget show': async () => (await import('./budget.ts')).budgetShow,
  polecats: async () => (await import('./polecats.ts')).polecats,
  'convoy list': async () => (await import('./convoys.ts')).convoyList,
  'convoy status': async () => named((await import('./convoys.ts')).convoyStatus),
  'bead show': async () => named((await import('./bead.ts')).beadShow),
  'plan list': async () => (await import('./plans.ts')).planList,
  'refinery status': async () => (await import('./refineries.ts')).refineryStatus,
  'refinery queue': async () => (await import('./refineries.ts')).refineryQueue,
  'refinery show': async () => {
    const { refineryShow } = await import('./refineryRun.ts');
    return async (call, run, rig, branch) => await refineryShow(call, run ?? '', rig, branch);
  },
  report: async () => (await import('./report.ts')).report,
};

/** Commander does not run these without a name. */
const named =
  (look: (call: Call<object>, name: string) => Promise<Answer>): Look =>
  async (call, name) =>
    await look(call, name ?? '');
