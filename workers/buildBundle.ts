import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

/** `node workers/buildBundle.ts FILE`: writes the workflow bundle to a file. */
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: node workers/buildBundle.ts FILE');
const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn: console.error, error: console.error };
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
  logger: quiet,
});
await writeFile(file, code);
