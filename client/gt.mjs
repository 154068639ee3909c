#!/usr/bin/env node
/** The `gt` command: finds a Node that can run it, installs only what is missing, and becomes client/gt.ts. */
import { join } from 'node:path';
import { ensureInstalled } from '../deploy/setup/install.mjs';
import { launch } from '../deploy/setup/launch.mjs';
import { townNode } from '../deploy/setup/node.mjs';
import { report } from '../deploy/setup/problem.mjs';
import { repository } from '../deploy/setup/repository.mjs';

try {
  await ensureInstalled(repository, { onlyMissing: true });
  await launch(townNode(repository), [join(repository, 'client/gt.ts'), ...process.argv.slice(2)]);
} catch (error) {
  report(error);
  process.exitCode = 1;
}
