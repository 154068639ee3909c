import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as z from 'zod';
import { line, prose } from '../../../deploy/input/forms.ts';

/** What can be wrong with a reply. README.md beside this file describes each. */
export const faultKinds = [
  'noPath',
  'unclosedFence',
  'searchMismatch',
  'wrongFile',
  'ellipsis',
  'fakeSuccess',
  'sameAgain',
  'repetition',
  'truncation',
  'toolCall',
  'deleteTest',
  'skipTest',
  'shortcut',
  'injection',
  'wrongCode',
] as const;

export type FaultKind = (typeof faultKinds)[number];

const share = z.number().min(0).max(1);

/** A model's habits as they are written. A rate that is not given is 0. */
export const personalitySchema = z.strictObject({
  name: line(80, 'a name'),
  about: prose(4_000, 'what kind of model this is'),
  sources: z.array(z.string()).default([]),
  rates: z.partialRecord(z.enum(faultKinds), share),
  blocks: share.default(0),
  feedbackHelps: share.default(0),
  cap: share.default(0.85),
});

export type Personality = z.output<typeof personalitySchema>;

/** Reads a personality; throws with the file's name and what is wrong in it. */
export const loadPersonality = async (path: string): Promise<Personality> => {
  const read = personalitySchema.safeParse(parse(await readFile(path, 'utf8')));
  if (!read.success) throw new Error(`${path}\n${z.prettifyError(read.error)}`);
  return read.data;
};

/**
 * The probability of each fault in one reply: the rates times `factor`, less where the fault was named in the prompt, and all
 * together at most the cap, in proportion.
 */
export const chances = (
  personality: Personality,
  {
    factor,
    possible,
    named,
  }: {
    readonly factor: number;
    readonly possible: ReadonlySet<FaultKind>;
    readonly named: ReadonlySet<FaultKind>;
  },
): ReadonlyMap<FaultKind, number> => {
  const raw = faultKinds
    .filter((kind) => possible.has(kind))
    .map((kind): [FaultKind, number] => {
      const rate = Math.min(1, (personality.rates[kind] ?? 0) * factor);
      return [kind, named.has(kind) ? rate * (1 - personality.feedbackHelps) : rate];
    });
  const total = raw.reduce((sum, [, rate]) => sum + rate, 0);
  const scale = total > personality.cap ? personality.cap / total : 1;
  return new Map(raw.map(([kind, rate]) => [kind, rate * scale]));
};
