#!/usr/bin/env node
/** The `gt` command: finds a Node that can run it, installs only what is missing, and becomes client/gt.ts. */
import module from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled } from '../deploy/setup/install.mjs';
import { launch } from '../deploy/setup/launch.mjs';
import { townNode } from '../deploy/setup/node.mjs';
import { report } from '../deploy/setup/problem.mjs';
import { repository } from '../deploy/setup/repository.mjs';

const { enableCompileCache } = module;
// Whoever presses Tab wants names within a blink, and no installation.
const completes = process.argv[2] === '__names';
const script = join(repository, completes ? 'client/completion/printNames.ts' : 'client/gt.ts');

try {
  if (!completes) await ensureInstalled(repository, { onlyMissing: true });
  const node = townNode(repository);
  // Compiled code of every start is kept: half of what a quick command takes is reading the same sources again.
  const cache = process.env.NODE_COMPILE_CACHE ?? join(repository, 'node_modules/.cache/node');
  if (node === process.execPath) {
    enableCompileCache?.(cache);
    await import(pathToFileURL(script).href);
  } else {
    await launch(node, [script, ...process.argv.slice(2)], {
      NODE_COMPILE_CACHE: cache,
    });
  }
} catch (error) {
  if (!completes) report(error);
  process.exitCode = 1;
}
