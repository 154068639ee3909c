import { parseArgs } from 'node:util';
import { policies } from './policies.ts';

/** What the bench is asked for: one scenario, random fleets, or the time of a decision. */
export interface FleetArguments {
  readonly json: boolean;
  readonly policies: readonly string[];
  readonly work:
    | { readonly kind: 'scenario'; readonly scenario: string; readonly loaded: readonly string[] }
    | {
        readonly kind: 'random';
        readonly hosts: readonly number[];
        readonly slots: readonly number[];
        readonly seeds: readonly number[];
      }
    | { readonly kind: 'decision' };
}

/** Reads the command line. Throws with what is wrong and what is accepted; nothing given is left unused. */
export const fleetArguments = (args: readonly string[]): FleetArguments => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: 'string' },
      loaded: { type: 'string', multiple: true, default: [] },
      policy: { type: 'string' },
      random: { type: 'boolean', default: false },
      hosts: { type: 'string' },
      slots: { type: 'string' },
      seeds: { type: 'string' },
      decision: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const { json, policy, scenario, random, decision, loaded } = values;
  const kinds = [scenario !== undefined && '--scenario', random && '--random', decision && '--decision'];
  const asked = kinds.filter((kind) => kind !== false);
  if (asked.length > 1)
    throw new Error(`${asked.join(' and ')}: one at a time. Run the bench once for each.`);
  const only = (option: 'loaded' | 'policy' | 'hosts' | 'slots' | 'seeds', fits: boolean, with_: string) => {
    const value = values[option];
    if (!fits && value !== undefined && value.length > 0)
      throw new Error(`--${option} ${String(value)}: says nothing here. It goes with ${with_}.`);
  };
  only('loaded', !random && !decision, '--scenario and a plan');
  only('policy', !decision, '--scenario or --random');
  for (const option of ['hosts', 'slots', 'seeds'] as const) only(option, random, '--random');
  const chosen = { json, policies: namesOf(policy ?? 'all') };
  if (decision) return { ...chosen, work: { kind: 'decision' } };
  if (!random) return { ...chosen, work: { kind: 'scenario', scenario: scenario ?? 'seed-c', loaded } };
  const { hosts = '1..3', slots = '2|4', seeds = '1..40' } = values;
  const numbers = {
    hosts: numbersOf('hosts', hosts),
    slots: numbersOf('slots', slots),
    seeds: numbersOf('seeds', seeds),
  };
  return { ...chosen, work: { kind: 'random', ...numbers } };
};

/** `3`, `1..40`, or `2|4`. */
const numbersOf = (option: string, text: string): readonly number[] => {
  const numbers = text.split(/[|,]/).flatMap((part) => {
    const [, from, to = from] = /^(\d{1,6})(?:\.\.(\d{1,6}))?$/.exec(part) ?? [];
    const [first, last] = [Number(from ?? 0), Number(to ?? 0)];
    if (first < 1 || last < first)
      throw new Error(
        `--${option} ${text}: expected a number from 1, a range such as 1..40, or several such as 2|4.`,
      );
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  return [...new Set(numbers)];
};

const namesOf = (policy: string): readonly string[] => {
  const known = Object.keys(policies);
  if (policy !== 'all' && !known.includes(policy))
    throw new Error(`--policy ${policy}: no such policy. Known: all, ${known.join(', ')}.`);
  return policy === 'all' ? known : [policy];
};
