/**
 * What workflows ask of the outside world: one interface per kind of activity. Activities implement these and import
 * nothing else of `workflows/` but the domain. Every method is an *ensure* operation: repeat it and the result is the
 * same (G5). All arguments and results are small and plain: texts are blobs, named by their sha256.
 * Failures are `ApplicationFailure` with a type of `domain/failure.ts` and one `Failure` as details.
 */
export type { Feedback } from './domain/bead/feedback.ts';
export type { DirectPort, OpenDirect, OpenedDirect, StandingPort } from './ports/direct.ts';
export type { GateFailure, GatePort, GateReport, LookReport, RunGates, RunLook } from './ports/gates.ts';
export type { FollowPlan, HostPort, ResidencyPort, TendHost } from './ports/hosts.ts';
export type { CallRole, Infer, InferencePort, InferProgress, Inferred } from './ports/inference.ts';
export type {
  AskPlanner,
  CheckPlan,
  CompilePlan,
  ComposedPlanPrompt,
  ComposePlanPrompt,
  ComposeReplan,
  PlannerElsewherePort,
  PlannerProgress,
  PlannerReply,
  PlanOf,
  PlanReading,
  PlanRigPort,
  ReadPlan,
} from './ports/mayor.ts';
export type { OpenedSubmission, OpenSubmission, OwnBranchPort } from './ports/ownBranch.ts';
export type { PlannedFleet, PlannerPort } from './ports/planners.ts';
export type {
  Beside,
  ComposedGroup,
  ComposeGroup,
  ComposeUntested,
  ExaminedQueue,
  ExamineQueue,
  Forwarded,
  GroupTest,
  Land,
  Landing,
  LandPort,
  LookedAt,
  Override,
  RefineryPort,
  RefineryTarget,
  TestCommit,
  TestGroup,
} from './ports/refinery.ts';
export type {
  AppliedReply,
  ApplyReply,
  BeadPlace,
  BeadReport,
  CloseBead,
  ComposedPrompt,
  ComposePrompt,
  ComposeReview,
  OpenBead,
  OpenedBead,
  OpenRig,
  RebaseBead,
  RebasedBead,
  RigPort,
  WriteNote,
  WrittenNote,
} from './ports/rig.ts';
export type { ComposeSeance, SeancePort } from './ports/seance.ts';
export type {
  AskTown,
  BeadOutcome,
  ModelOutlook,
  NotifyPort,
  TakeNotes,
  TownPort,
  UpdateRequest,
} from './ports/town.ts';
export type {
  RepairRig,
  SurveyWork,
  WitnessRigPort,
  WitnessRulePort,
  WitnessTownPort,
  WorkFacts,
} from './ports/witness.ts';
