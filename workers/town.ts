import { join } from 'node:path';
import { spawnApart } from '../activities/git/spawner.ts';
import { ensureBundle } from './bundle.ts';
import { runProcess } from './process.ts';
import { hireTownCrew } from './townCrew.ts';

// First of all: a process is smallest when it begins.
spawnApart();

await runProcess('town', async (hiring) =>
  hireTownCrew({ ...hiring, bundle: await ensureBundle(join(hiring.home, 'bundles')) }),
);
