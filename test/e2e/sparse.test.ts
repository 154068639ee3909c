import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';

// A whole town, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** Where the town does not look, a gate over it all would be red. */
const heavy = { 'data/heavy.txt': 'BROKEN\n', 'src/notes/deep.txt': 'deep\n', 'top.txt': 'top\n' };
let town: TestTown;
const seen: string[][] = [];

beforeAll(async () => {
  town = await openTestTown({
    files: heavy,
    config: (config) => ({
      ...config,
      rigs: {
        rig: {
          ...(config['rigs'] as { rig: object }).rig,
          sparse: ['src/'],
          gates: [
            { name: 'check', run: 'sh check.sh' },
            { name: 'small', run: 'test ! -e data && test -e top.txt && test -e src/notes/deep.txt' },
          ],
        },
      },
    }),
    reply: async (bead, call) => {
      const text = JSON.stringify(call.messages);
      const folder = join(town.folder, 'home/rigs/rig/worktrees', 'part', 'part', bead);
      seen.push(await readdir(folder).catch(() => []));
      if (bead === 'stray' && !text.includes('outside of the folders'))
        return filesReply({ 'data/heavy.txt': 'mended\n' });
      return filesReply({ [`src/${bead}.txt`]: `${bead}\n` });
    },
  });
});
afterAll(async () => town?.[Symbol.asyncDispose]());

test('G1, G2: a sparse rig lands what is inside of its folders, keeps the rest, and sends back what strays', async () => {
  const { handle } = await town.launch('part', [
    { id: 'one' },
    { id: 'two', needs: ['one'] },
    { id: 'stray' },
  ]);
  expect(await handle.result()).toMatchObject({ landed: 3 });
  expect((await town.beadStatus('part', 'stray')).spent.turns).toBe(2);
  for (const [path, text] of Object.entries(heavy)) expect(await town.repo.show('main', path)).toBe(text);
  for (const bead of ['one', 'two', 'stray'])
    expect(await town.repo.show('main', `src/${bead}.txt`)).toBe(`${bead}\n`);
  expect(seen.flat()).toContain('src');
  expect(seen.flat()).not.toContain('data');
});
