import { loadConfig } from '../deploy/config/index.ts';
import { hireHostCrew } from './hostCrew.ts';
import { runProcess } from './process.ts';

await runProcess('hosts', async (settings, connection) => {
  const config = await loadConfig(settings.config);
  return hireHostCrew({ ...settings, connection, config: { ...config, home: settings.home } });
});
