import { join } from 'node:path';
import { ensureBundle } from './bundle.ts';
import { runProcess } from './process.ts';
import { hireTownCrew } from './townCrew.ts';

await runProcess('town', async (hiring) =>
  hireTownCrew({ ...hiring, bundle: await ensureBundle(join(hiring.home, 'bundles')) }),
);
