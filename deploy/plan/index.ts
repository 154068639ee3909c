export { type CompileOptions, compilePlan, convoySettings } from './compile.ts';
export { type LoadPlan, loadPlan, parsePlan, planHash, slugOf } from './load.ts';
export type { Plan, PlannedBead, PlannedEpic } from './plan.ts';
export { planJsonSchema } from './schema.ts';
export { type EpicView, type PlanView, planText, planView } from './view.ts';
