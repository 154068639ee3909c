import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { planScenario } from './planScenario.ts';
import { readScenario, type Scenario } from './scenario.ts';

/**
 * A scenario by the name of one that comes with the bench, by its file, or by that of a plan with a gastown.yaml beside it. Throws
 * `InputRejected` with every mistake.
 */
export const scenarioNamed = async (named: string, loaded: readonly string[] = []): Promise<Scenario> => {
  const bundled = fileURLToPath(new URL(`scenarios/${named}.yaml`, import.meta.url));
  if (/^[a-z0-9-]+$/.test(named) && existsSync(bundled)) return readScenario(bundled);
  const text = await readFile(named, 'utf8').catch(() => '');
  return /^(beads|epics):/m.test(text) ? planScenario(named, loaded) : readScenario(named);
};
