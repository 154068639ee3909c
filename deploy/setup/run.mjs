/**
 * `node deploy/setup/run.mjs [--no-temporal] <script.ts> [args…]`: sets this clone up if it needs it, then runs the
 * script with a Node that can, and with GASTOWN_TEMPORAL_CLI naming a Temporal command line. Silent when all is there.
 */
import { resolve } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { launch } from './launch.mjs';
import { townNode } from './node.mjs';
import { report } from './problem.mjs';
import { repository } from './repository.mjs';
import { ensureTemporal } from './temporal.mjs';

const run = async ([first, ...rest]) => {
  const withTemporal = first !== '--no-temporal';
  const [script, ...args] = withTemporal ? [first, ...rest] : rest;
  await ensureInstalled(repository);
  const node = townNode(repository);
  const env = withTemporal ? { GASTOWN_TEMPORAL_CLI: await ensureTemporal({ node }) } : {};
  await launch(node, [resolve(repository, script), ...args], env);
};

try {
  await run(process.argv.slice(2));
} catch (error) {
  report(error);
  process.exitCode = 1;
}
