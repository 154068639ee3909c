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
  const isBundled = /^[a-z0-9-]+$/.test(named) && existsSync(bundled);
  const text = isBundled ? '' : await readFile(named, 'utf8').catch(() => '');
  if (/^(beads|epics):/m.test(text)) return planScenario(named, loaded);
  const scenario = await readScenario(isBundled ? bundled : named);
  if (loaded.length === 0) return scenario;
  throw new Error(
    `--loaded ${loaded.join(', ')}: ${named} is no plan. It says itself what is loaded: hosts.*.initial.`,
  );
};
