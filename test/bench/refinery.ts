/**
 * `npm run bench:refinery -- --branches 200 --slots 16 --bad 0.05 [--semantic QS --textual QT --flake F --attribution [--masking M]
 * --arrivals burst|poisson:RATE --durations constant|lognormal:SIGMA --prior P|learned] --seeds 1001..1010 --policy all|NAME [--json]`:
 * how many branches land in the time of one test under each policy, in virtual time. `screen-confirm` is the town's own planner;
 * `serial`, `bors`, `zuul`, `submit-queue` and `lanes` are what is done elsewhere. docs/refinery-worlds.md describes the worlds.
 *
 * `… -- --world FILE [--slots 16] [--attribution] [--policy …] [--json]`: the same for a truth table from a file.
 *
 * `… -- --planning [--json]`: how long one plan takes with 2,000 branches that wait. Exits with 1 above the floors.
 */
import { parseArgs } from 'node:util';
import { timePlanning } from './refinery/planning.ts';
import { policies } from './refinery/policies.ts';
import { compare, reportText } from './refinery/report.ts';
import { type World, worldOf } from './refinery/world.ts';
import { readWorld } from './refinery/worldFile.ts';

/** The share of a slow world's arrivals that only fill the queue. */
const warmUpShare = 0.2;

const refuse = (option: string, text: string, expected: string): never => {
  throw new Error(`--${option} ${text}: that is not ${expected}. Nothing was run.`);
};

const numberOf = (option: string, text: string, least: number, most: number): number => {
  const value = Number(text);
  const fits = text.trim() !== '' && value >= least && value <= most;
  return fits ? value : refuse(option, text, `a number from ${least} to ${most}`);
};

const wholeOf = (option: string, text: string, most: number): number => {
  const value = numberOf(option, text, 1, most);
  return Number.isInteger(value) ? value : refuse(option, text, `a whole number from 1 to ${most}`);
};

/** `3`, or `1001..1010`. */
const rangeOf = (option: string, text: string): readonly number[] => {
  const [, from = '', to = from] = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(text) ?? [];
  const count = Number(to) - Number(from) + 1;
  if (from === '' || count < 1 || count > 10_000)
    refuse(option, text, 'a number, or a range such as 1001..1010');
  return Array.from({ length: count }, (_, index) => Number(from) + index);
};

/** `burst` or `poisson:8`; `constant` or `lognormal:0.5`. */
const shapeOf = (option: string, text: string, plain: string, named: string, most: number) => {
  if (text === plain) return;
  const [name, value = ''] = text.split(':');
  if (name !== named) refuse(option, text, `${plain} or ${named}:NUMBER`);
  return numberOf(option, value, 0.001, most);
};

const namesOf = (policy: string): readonly string[] => {
  const known = Object.keys(policies);
  if (policy !== 'all' && !known.includes(policy))
    refuse('policy', policy, `one of all, ${known.join(', ')}`);
  return policy === 'all' ? known : [policy];
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      branches: { type: 'string', default: '200' },
      slots: { type: 'string', default: '16' },
      bad: { type: 'string', default: '0.05' },
      semantic: { type: 'string', default: '0' },
      textual: { type: 'string', default: '0' },
      flake: { type: 'string', default: '0' },
      attribution: { type: 'boolean', default: false },
      masking: { type: 'string', default: '0' },
      arrivals: { type: 'string', default: 'burst' },
      durations: { type: 'string', default: 'constant' },
      prior: { type: 'string' },
      seeds: { type: 'string', default: '1001..1010' },
      policy: { type: 'string', default: 'all' },
      world: { type: 'string' },
      planning: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const say = (text: string, json: unknown): void => console.log(values.json ? JSON.stringify(json) : text);
  if (values.planning) {
    const times = timePlanning();
    const lines = times.map(
      (time) =>
        `${time.world}: ${time.medianMs} ms at the median of ${time.plans} plans, ${time.maxMs} ms at most`,
    );
    say(lines.join('\n'), { planning: times });
    const fast = times.every((time) => time.medianMs <= time.medianFloorMs && time.maxMs <= time.maxFloorMs);
    process.exitCode = fast ? 0 : 1;
    return;
  }
  const slots = wholeOf('slots', values.slots, 256);
  const rate = shapeOf('arrivals', values.arrivals, 'burst', 'poisson', 10_000);
  const sigma = shapeOf('durations', values.durations, 'constant', 'lognormal', 3) ?? 0;
  const share = (option: 'bad' | 'semantic' | 'textual' | 'flake' | 'masking'): number =>
    numberOf(option, values[option], 0, option === 'masking' ? 1 : 0.9);
  const generated = (): readonly World[] =>
    rangeOf('seeds', values.seeds).map((seed) =>
      worldOf({
        ...{ seed, rate, sigma, branches: wholeOf('branches', values.branches, 100_000), bad: share('bad') },
        ...{ semantic: share('semantic'), textual: share('textual'), flake: share('flake') },
        masking: share('masking'),
      }),
    );
  const worlds = values.world === undefined ? generated() : [await readWorld(values.world)];
  const learned = values.prior === 'learned';
  const given = learned || values.prior === undefined ? undefined : numberOf('prior', values.prior, 0, 0.9);
  const warmUp = ({ branches }: World): number =>
    rate === undefined ? 0 : warmUpShare * (branches.at(-1)?.arrivesAt ?? 0);
  const prior = learned ? undefined : (given ?? worlds[0]?.badShare);
  const knowledge = { slots, prior, attribution: values.attribution };
  const report = compare(worlds, namesOf(values.policy), knowledge, warmUp);
  const title = values.world ?? `${values.branches} branches, ${slots} slots, ${worlds.length} seeds`;
  say(reportText(title, report), report);
};

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
