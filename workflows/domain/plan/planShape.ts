/** What the workflow `plan` may be started with; people start workflows by hand, too. */
import { models, paces, settingsShape, time } from '../convoyShape.ts';
import type { Failure } from '../failure.ts';
import { blobRef, slug } from '../messageShapes.ts';
import { workflowId } from '../naming.ts';
import { faultOf, flag, oneOf, record, text } from '../shape.ts';
import type { PlanInput } from './planning.ts';

const planInput = record({
  convoy: slug,
  title: text,
  rig: slug,
  epicRef: blobRef,
  epicFile: text,
  mayor: record({ kind: oneOf('own', 'cloud'), model: text, callTimeoutMs: time }),
  approved: flag,
  settings: settingsShape,
});

/** Why no plan can be made with this input, in words of code alone; undefined when one can. `id`: of its workflow. */
export const planInputFault = (input: unknown, id: string): string | undefined => {
  const fault = faultOf(planInput, input) ?? paces(input, '') ?? models(input, '');
  if (fault !== undefined) return fault;
  const { convoy } = input as PlanInput;
  return id === workflowId.plan(convoy) ? undefined : `the workflow is not named ${workflowId.plan(convoy)}`;
};

/** What a person is told of it. */
export const unfitPlanInput = (fault: string): Failure => ({
  type: 'PlanRejected',
  what: 'No plan can be made with the input that this workflow was given.',
  evidence: fault,
  next: 'Launch the epic with `gt convoy launch EPIC.md`.',
});
