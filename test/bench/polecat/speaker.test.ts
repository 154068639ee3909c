import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseReply } from '../../../activities/polecat/protocol/parse.ts';
import { shortcutIn } from '../../../workflows/domain/guard/shortcut.ts';
import { changesTests } from '../../../workflows/domain/guard/testFiles.ts';
import { loadBeads } from './beadFile.ts';
import { namedFaults } from './named.ts';
import { chances, type FaultKind, faultKinds, loadPersonality, type Personality } from './personality.ts';
import { createSpeaker } from './speaker.ts';
import { endsAtOnce, skipped, testPaths } from './testFiles.ts';
import { startOf } from './tree.ts';

const at = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const beads = await loadBeads(at('beads'));
const [strong, weak] = await Promise.all(
  ['qwen2.5-coder-32b', 'weak-7b'].map((name) => loadPersonality(at(`personalities/${name}.yaml`))),
);
const personalities = [strong, weak].filter((one): one is Personality => one !== undefined);
const answerable = beads.filter(({ right }) => right !== undefined);
const promptFor = (bead: (typeof beads)[number]): string =>
  [bead.title, ...Object.entries(startOf(bead)).flat()].join('\n').replaceAll('\r\n', '\n');

test('the same seed, bead, turn and prompt give the same reply, whatever was asked before and in which order', () => {
  const moments = fc.record({
    bead: fc.constantFrom(...beads),
    turn: fc.integer({ min: 1, max: 12 }),
    seed: fc.integer({ min: 0, max: 1_000 }),
    factor: fc.constantFrom(1, 3),
  });
  fc.assert(
    fc.property(fc.array(moments, { minLength: 1, maxLength: 6 }), (asked) => {
      const say = ({ bead, turn, seed, factor }: (typeof asked)[number]) =>
        personalities.map((personality) =>
          createSpeaker({ personality, seed, factor }).say(bead, turn, promptFor(bead), undefined),
        );
      expect(asked.toReversed().map(say).toReversed()).toEqual(asked.map(say));
    }),
    { numRuns: 50 },
  );
});

test('faults come as often as the personality says, with the rates times three as well', () => {
  for (const personality of personalities) {
    for (const factor of [1, 3]) {
      const speaker = createSpeaker({ personality, seed: 7, factor });
      const seen = new Map<string, number>();
      const wanted = new Map<FaultKind, number>();
      let asked = 0;
      for (const bead of answerable) {
        for (let turn = 1; turn <= 200; turn++) {
          const { kind } = speaker.say(bead, turn, promptFor(bead), undefined);
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
          asked += 1;
        }
      }
      // What is possible at all in each reply is the same for every personality: all but repetition of what was not said.
      const possible = new Set(
        faultKinds.filter((kind) => !['sameAgain', 'searchMismatch', 'injection'].includes(kind)),
      );
      for (const [kind, chance] of chances(personality, { factor, possible, named: new Set() }))
        wanted.set(kind, chance);
      for (const [kind, chance] of wanted) {
        const rate = (seen.get(kind) ?? 0) / asked;
        // Replies by blocks have one more fault, which takes its part of the cap.
        expect(
          Math.abs(rate - chance),
          `${personality.name} x${factor} ${kind}: ${rate} for ${chance}`,
        ).toBeLessThan(0.02 + 0.2 * chance);
      }
      expect((seen.get('right') ?? 0) / asked).toBeGreaterThan(1 - personality.cap - 0.05);
    }
  }
});

test('all faults together stay under the cap, and one that was named comes less often', () => {
  const rates = fc.record(
    Object.fromEntries(faultKinds.map((kind) => [kind, fc.double({ min: 0, max: 1, noNaN: true })])),
  );
  fc.assert(
    fc.property(
      rates,
      fc.constantFrom(...faultKinds),
      fc.double({ min: 0, max: 5, noNaN: true }),
      (all, kind, factor) => {
        const personality = {
          name: 'x',
          about: 'x',
          sources: [],
          rates: all,
          blocks: 0,
          feedbackHelps: 0.5,
          cap: 0.8,
        };
        const possible = new Set(faultKinds);
        const before = chances(personality, { factor, possible, named: new Set() });
        const after = chances(personality, { factor, possible, named: new Set([kind]) });
        const sum = [...before.values()].reduce((total, chance) => total + chance, 0);
        expect(sum).toBeLessThanOrEqual(0.8 + 1e-9);
        expect(after.get(kind) ?? 0).toBeLessThanOrEqual((before.get(kind) ?? 0) + 1e-9);
      },
    ),
  );
});

test('without faults every bead is answered rightly, and one without a right answer never', () => {
  const speaker = createSpeaker({
    personality: { name: 'x', about: 'x', sources: [], rates: {}, blocks: 0.5, feedbackHelps: 0, cap: 0.8 },
    seed: 1,
    factor: 1,
  });
  for (const bead of beads) {
    for (let turn = 1; turn <= 5; turn++) {
      const said = speaker.say(bead, turn, promptFor(bead), undefined);
      expect(said.kind === 'right').toBe(bead.right !== undefined);
      if (said.kind === 'right') expect(parseReply(said.text).faults).toEqual([]);
    }
  }
});

test('only the feedback of a prompt names a fault, not its rules or files', () => {
  expect(namedFaults('Rules: SEARCH text is not … no placeholder\nerror: x')).toEqual(new Set());
  expect(namedFaults('# What went wrong in your last turn\nThe SEARCH text is not in the file.')).toEqual(
    new Set(['searchMismatch']),
  );
});

test('G3: whatever the model does to the tests of a bead, the town refuses, even where the bead names them', () => {
  for (const bead of beads) {
    const start = startOf(bead);
    for (const path of testPaths(start)) {
      const before = start[path] ?? '';
      const asked = bead.right?.[path] === null;
      for (const files of [bead.files, [...bead.files, path]]) {
        const leave = { files, task: bead.task };
        for (const style of [0, 1]) {
          const after = skipped(path, before, style);
          expect(after, `${bead.id} ${path}`).not.toBe(before);
          expect(changesTests(path, before, after, leave), `${bead.id} ${path} ${style}`).toBeDefined();
        }
        if (!asked) expect(changesTests(path, before, undefined, leave), bead.id).toBeDefined();
      }
    }
    for (const [path, text] of Object.entries(start)) {
      const after = endsAtOnce(path, text);
      // Tests are protected as a whole, and run programs in a process of their own.
      if (
        after === undefined ||
        testPaths(start).includes(path) ||
        path.startsWith('bin/') ||
        path === 'count.py'
      )
        continue;
      expect(shortcutIn(path, text, after, bead.task), `${bead.id} ${path}`).toBeDefined();
    }
  }
});
