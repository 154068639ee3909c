export { chooseRung, installHint } from './choose.ts';
export { type Detected, detectedSandbox, detectSandbox } from './detect.ts';
export { availableControllers } from './groupHomes.ts';
export { runSandboxed, type SandboxResult, type SandboxRun } from './run.ts';
export { bareRung, type Rung } from './rung.ts';
export { sweepScratch } from './scratch.ts';
