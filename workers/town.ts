import { join } from 'node:path';
import { loadConfig } from '../deploy/config/index.ts';
import { ensureBundle } from './bundle.ts';
import { runProcess } from './process.ts';
import { hireTownCrew } from './townCrew.ts';

await runProcess('town', async (settings, connection) => {
  const [config, bundle] = await Promise.all([
    loadConfig(settings.config),
    ensureBundle(join(settings.home, 'bundles')),
  ]);
  return hireTownCrew({ ...settings, connection, config: { ...config, home: settings.home }, bundle });
});
