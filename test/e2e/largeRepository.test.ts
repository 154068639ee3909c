import { afterAll, beforeAll, expect, test } from 'vitest';
import { tempRepo } from '../support/repo.ts';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';

const count = 3_000;
let town: TestTown;

beforeAll(async () => {
  town = await openTestTown({ reply: (bead) => filesReply({ [`src/${bead}.txt`]: `${bead}\n` }) });
  await using person = await tempRepo({ files: { 'README.md': '# large\n' } });
  await person.git('fetch', '-q', town.repo.path, 'main');
  await person.git('reset', '-q', '--hard', 'FETCH_HEAD');
  await person.commit(
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `lib/part-${index % 60}/module-${index}.js`,
        `export const value${index} = ${index};\n`.repeat(20),
      ]),
    ),
    'many files',
  );
  await person.git('push', '-q', town.repo.path, 'HEAD:main');
}, 120_000);
afterAll(() => town[Symbol.asyncDispose]());

test(`a repository of ${count} files: the first turn starts within 10 s of the launch, the first landing within 30 s`, async () => {
  const began = performance.now();
  const { handle } = await town.launch('large', [{ id: 'one' }, { id: 'two' }]);
  await town.host.called(() => true);
  const firstTurn = performance.now() - began;
  expect(await handle.result()).toMatchObject({ landed: 2 });
  const landed = performance.now() - began;
  expect(firstTurn).toBeLessThan(10_000);
  expect(landed).toBeLessThan(30_000);
  console.log(
    `first turn after ${Math.round(firstTurn)} ms, two beads landed after ${Math.round(landed)} ms`,
  );
}, 90_000);
