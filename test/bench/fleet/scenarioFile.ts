import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { nearest } from '../../../workflows/domain/nearest.ts';
import { BadInput } from '../badInput.ts';
import { planScenario } from './planScenario.ts';
import { readScenario, type Scenario } from './scenario.ts';

/**
 * A scenario by the name of one that comes with the bench, by its file, or by that of a plan with a gastown.yaml beside it. Throws
 * `InputRejected` with every mistake.
 */
export const scenarioNamed = async (named: string, loaded: readonly string[] = []): Promise<Scenario> => {
  const bundled = fileURLToPath(new URL(`scenarios/${named}.yaml`, import.meta.url));
  const isBundled = /^[a-z0-9-]+$/.test(named) && existsSync(bundled);
  if (!isBundled && !existsSync(named)) throw await notThere(named);
  const text = isBundled ? '' : await readFile(named, 'utf8').catch(() => '');
  if (/^(beads|epics):/m.test(text)) return planScenario(named, loaded);
  const scenario = await readScenario(isBundled ? bundled : named);
  if (loaded.length === 0) return scenario;
  throw new BadInput({
    what: `--loaded ${loaded.join(', ')} says nothing here.`,
    evidence: `${named} is no plan; it says itself what is loaded`,
    next: 'Leave it out, or write it as hosts.*.initial there.',
  });
};

const notThere = async (named: string): Promise<BadInput> => {
  const files = await readdir(new URL('scenarios/', import.meta.url));
  const bundled = files.flatMap((file) => (file.endsWith('.yaml') ? file.slice(0, -'.yaml'.length) : []));
  const meant = nearest(named, bundled);
  return new BadInput({
    what: `There is no scenario ${named}.`,
    evidence: `no such file, and the bundled ones are ${bundled.toSorted().join(', ')}`,
    next: `${meant === undefined ? '' : `Did you mean ${meant}? `}docs/fleet-scenarios.md describes the files.`,
  });
};
