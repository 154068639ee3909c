import { copyFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { expect, onTestFailed, test } from 'vitest';
import { type CrashTown, makeCrashTown } from './crashTown.ts';
import { expectAllLanded, expectGreenMain, expectLandedOnce, expectNothingLeft } from './oracle.ts';
import { gateIn, movedTimes, until } from './watch.ts';

/** A copy as a power loss would leave it: calls are under way, and nobody was told to stop. */
const copyDatabase = async (town: CrashTown, name: string): Promise<string> => {
  const path = join(town.folder, `${name}.db`);
  const database = new DatabaseSync(join(town.home, 'temporal.db'), { readOnly: true });
  try {
    // All pages in one step: between two, the server's next write would make it begin again.
    await backup(database, path, { rate: 1_000_000 });
  } finally {
    database.close();
  }
  town.tell(`copied: ${name}`);
  return path;
};

const putBack = async (town: CrashTown, copy: string): Promise<void> => {
  const files = (await readdir(town.home)).filter((name) => name.startsWith('temporal.db'));
  await Promise.all(files.map((name) => rm(join(town.home, name))));
  await copyFile(copy, join(town.home, 'temporal.db'));
};

test('G4: with an older copy of the server’s database under a newer repository every bead is found landed', async () => {
  await using town = await makeCrashTown();
  onTestFailed(() => console.log(town.events.join('\n')));
  const rig = join(town.home, 'rigs/rig');
  const main = movedTimes.bind(undefined, town.repo.path, 'refs/heads/main');
  const moments: Readonly<Record<string, () => Promise<unknown>>> = {
    'a-model-answers': async () => (town.prompts() > 0 ? true : undefined),
    'a-bead-is-in-gates': () => gateIn(join(rig, 'worktrees')),
    'a-group-is-in-gates': () => gateIn(join(rig, 'slots')),
    'main-moved-once': main(1),
    'main-moved-three-times': main(3),
  };

  await town.open();
  const over = new AbortController();
  const copying = Promise.all(
    Object.entries(moments).map(async ([name, look]) => {
      if ((await until(over.signal, look)) === undefined) throw new Error(`never: ${name}`);
      return { name, copy: await copyDatabase(town, name) };
    }),
  );
  copying.catch(() => {});
  await expectAllLanded(town, 'ten', await town.land('ten').finally(() => over.abort()));
  const copies = await copying;
  await town.close();
  const tip = await town.repo.revParse('main');

  for (const { name, copy } of copies) {
    await putBack(town, copy);
    await town.open();
    town.tell(`opened on the copy: ${name}`);
    await expectAllLanded(town, 'ten', await town.result('ten'));
    await town.close();
    expect(await town.repo.revParse('main'), name).toBe(tip);
    await expectNothingLeft(town);
  }
  await expectLandedOnce(town, 'ten');
  await expectGreenMain(town);
});

test('G4: set back again and again, each time under a repository that is ahead, a convoy lands once and green', async () => {
  await using town = await makeCrashTown();
  onTestFailed(() => console.log(town.events.join('\n')));
  const bound = AbortSignal.timeout(240_000);
  const rig = join(town.home, 'rigs/rig');
  const moments: readonly (() => Promise<unknown>)[] = [
    () => gateIn(join(rig, 'worktrees')),
    () => gateIn(join(rig, 'slots')),
    async () => (await gateIn(join(rig, 'worktrees'))) ?? (await gateIn(join(rig, 'slots'))),
  ];

  await town.open();
  await town.launch('ten');
  for (const [round, look] of moments.entries()) {
    await until(bound, look);
    const copy = await copyDatabase(town, `round-${round}`);
    // Far enough that calls which the copy waits for have ended otherwise.
    await until(bound, movedTimes(town.repo.path, 'refs/heads/main', round === 0 ? 2 : 1));
    await town.cut();
    await putBack(town, copy);
    await town.open();
  }
  await expectAllLanded(town, 'ten', await town.result('ten'));
  await town.close();
  await expectLandedOnce(town, 'ten');
  await expectGreenMain(town);
  await expectNothingLeft(town);
});
