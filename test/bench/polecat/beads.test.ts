import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadBeads } from './beadFile.ts';
import { eachOf, isTrue, missingPrograms, runIn } from './runIn.ts';
import { changed, startOf } from './tree.ts';

const beads = await loadBeads(fileURLToPath(new URL('beads', import.meta.url)));

test('there are at least 24 beads with a right answer, in at least three languages, and some without', () => {
  const answerable = beads.filter(({ right }) => right !== undefined);
  expect(answerable.length).toBeGreaterThanOrEqual(24);
  expect(new Set(answerable.map(({ language }) => language)).size).toBeGreaterThanOrEqual(3);
  expect(beads.length - answerable.length).toBeGreaterThanOrEqual(3);
});

test('the right answer of each bead passes gate and truth; the start fails both, every wrong answer the gate', {
  timeout: 300_000,
}, async () => {
  const faults = await eachOf(beads, availableParallelism(), async (bead) => {
    if ((await missingPrograms(bead)).length > 0) return [];
    const start = startOf(bead);
    const said: string[] = [];
    const say = (what: string, output = ''): number => said.push(`${bead.id}: ${what}\n${output}`);
    if ((await runIn(start, bead.gate)).green) say('the gate is green at the start');
    if (await isTrue(bead, start)) say('the truth holds at the start');
    for (const { why, files } of bead.wrong) {
      if ((await runIn(changed(start, files), bead.gate)).green)
        say(`the gate takes the wrong answer: ${why}`);
    }
    if (bead.right === undefined) return said;
    const tree = changed(start, bead.right);
    const gate = await runIn(tree, bead.gate);
    if (!gate.green) say('the gate refuses the right answer', gate.output);
    const truth = await runIn({ ...tree, ...bead.truth.files }, bead.truth.run);
    if (!truth.green) say('the truth refuses the right answer', truth.output);
    return said;
  });
  expect(faults.flat()).toEqual([]);
});
