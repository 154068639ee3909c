export { chooseRung } from './choose.ts';
export { type Detected, detectedSandbox, detectSandbox } from './detect.ts';
export { defaultOutputLimit } from './output.ts';
export { runSandboxed, type SandboxResult, type SandboxRun } from './run.ts';
export { bareRung, type Rung } from './rung.ts';
export { sweepScratch } from './scratch.ts';
