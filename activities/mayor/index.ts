import { Context } from '@temporalio/activity';
import type { PlanRigPort } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import type { Rig } from '../rig/index.ts';
import { createComposePlanPrompt } from './composePlanPrompt.ts';
import { createReplanning } from './composeReplan.ts';
import type { MayorDeps } from './deps.ts';
import { createPlanReading } from './readPlan.ts';

export { createAskPlanner, type PlannerDeps } from './askPlanner.ts';
export type { CompileAs, MayorDeps, PlanRead, PlanReader } from './deps.ts';

/** What planning asks of the worker that has the rig. */
export const createPlanActivities = (deps: MayorDeps): PlanRigPort => {
  const rigOf = (name: string): Rig => {
    const settings = deps.rigs.get(name);
    if (settings === undefined) {
      throw fail('RigUnusable', {
        what: `This town has no rig ${name}.`,
        evidence: `rigs: ${[...deps.rigs.keys()].join(', ')}`,
        next: 'Launch the epic for one of these with --rig NAME, or add the rig to gastown.yaml.',
      });
    }
    const { home, blobs, gates } = deps;
    const signal = Context.current().cancellationSignal;
    return { settings, home, repo: home.repo(name), blobs, gates, signal };
  };
  return {
    composePlanPrompt: createComposePlanPrompt(deps, rigOf),
    ...createPlanReading(deps, rigOf),
    ...createReplanning(deps, rigOf),
  };
};
