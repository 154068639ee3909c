import { parseArgs } from 'node:util';
import { oneLine } from '../../workflows/domain/text.ts';
import { BadInput } from './badInput.ts';

/** What the bench is asked for: a town under load, or a scenario of a fleet in scaled time. */
export interface TownArguments {
  readonly json: boolean;
  readonly work:
    | {
        readonly kind: 'load';
        readonly beads: number;
        readonly parallel: number;
        readonly shape: 'wide' | 'chain';
        readonly keep: boolean;
      }
    | {
        readonly kind: 'fleet';
        readonly scenario: string;
        readonly scale: number;
        readonly svg: string | undefined;
        readonly loaded: readonly string[];
      };
}

const options = {
  fleet: { type: 'string' },
  scale: { type: 'string' },
  svg: { type: 'string' },
  loaded: { type: 'string', multiple: true },
  beads: { type: 'string' },
  parallel: { type: 'string' },
  shape: { type: 'string' },
  json: { type: 'boolean', default: false },
  keep: { type: 'boolean' },
} as const;

const usage =
  '--beads N --parallel N --shape wide|chain [--keep], or --fleet SCENARIO --scale N --loaded HOST=MODEL --svg FILE; and --json';

/** Reads the command line. Throws `BadInput`; nothing given is left unused. */
export const townArguments = (args: readonly string[]): TownArguments => {
  const values = valuesOf(args);
  const { json, fleet, scale, svg, loaded, beads, parallel, shape, keep } = values;
  const unused = fleet === undefined ? { scale, svg, loaded } : { beads, parallel, shape, keep };
  for (const [option, value] of Object.entries(unused))
    if (value !== undefined)
      throw new BadInput({
        what: `--${option} says nothing ${fleet === undefined ? 'without' : 'beside'} --fleet.`,
        evidence: `given: --${option} ${String(value)}`,
        next: `Accepted: ${usage}`,
      });
  if (fleet !== undefined) {
    if (fleet === '')
      throw new BadInput({
        what: '--fleet names no scenario.',
        evidence: 'its value is empty',
        next: 'Write the name of a bundled one, such as seed-a, or a file.',
      });
    return {
      json,
      work: {
        kind: 'fleet',
        scenario: fleet,
        scale: numberOf('scale', scale ?? '60', { least: 1, most: 100_000 }),
        svg,
        loaded: loaded ?? [],
      },
    };
  }
  if (shape !== undefined && shape !== 'wide' && shape !== 'chain')
    throw new BadInput({
      what: `--shape ${shape} is none.`,
      evidence: 'wide: no bead needs another; chain: each needs the one before it',
      next: 'Write --shape wide or --shape chain.',
    });
  return {
    json,
    work: {
      kind: 'load',
      beads: numberOf('beads', beads ?? '200', { least: 1, most: 400, whole: true }),
      parallel: numberOf('parallel', parallel ?? '50', { least: 1, most: 1_000, whole: true }),
      shape: shape ?? 'wide',
      keep: keep === true,
    },
  };
};

const valuesOf = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new BadInput({
      what: 'The command line cannot be read.',
      evidence: oneLine(error instanceof Error ? error.message : String(error), 400),
      next: `Accepted: ${usage}`,
    });
  }
};

const numberOf = (
  option: string,
  text: string,
  { least, most, whole = false }: { readonly least: number; readonly most: number; readonly whole?: boolean },
): number => {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw new BadInput({
    what: `--${option} ${text} cannot be.`,
    evidence: `it is no ${whole ? 'whole ' : ''}number from ${least} to ${most}`,
    next: `Write one, such as --${option} ${option === 'scale' ? 60 : 20}.`,
  });
};
