export { createGateActivities, type GateActivityParts } from './gateActivities.ts';
export { gateHash } from './gateHash.ts';
export {
  createGateRunner,
  type GateProgress,
  type GateRun,
  type GateRunner,
  type GateRunnerParts,
  gateReport,
  type RunTree,
} from './gateRunner.ts';
