import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { homeAt } from '../../../activities/home.ts';
import { createRepositoryMaps } from '../../../activities/map/index.ts';
import { openWorktree, removeHomes } from '../polecat/worktree.ts';

afterAll(removeHomes);

const files = {
  'src/order.ts': "import { round } from './money.ts';\nexport const totalOf = () => round(1);\n",
  'src/money.ts': 'export const round = (x: number) => x;\n',
  'data/table.bin': Buffer.from([1, 0, 2]),
  'docs/notes.md': '# Notes\n',
};

const outlinesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('a map knows the files of a commit, and what they define, without a checkout', async () => {
  const town = await openWorktree(files);
  await rm(town.worktree, { recursive: true });
  const map = await createRepositoryMaps(town.home).at({ rig: 'r', commit: town.base });
  expect(map.files.map(({ path, facts }) => [path, facts.names])).toEqual([
    ['data/table.bin', []],
    ['docs/notes.md', ['Notes']],
    ['src/money.ts', ['const round']],
    ['src/order.ts', ['const totalOf']],
  ]);
  expect(map.ranked({ text: 'round money' })[0]?.path).toBe('src/money.ts');
});

test('what a map has read is kept by blob, one small file each without the words of the repository', async () => {
  const town = await openWorktree({ ...files, 'src/key.ts': "const hiddenPassphrase = 'xyzzy-plugh';\n" });
  const commit = town.base;
  const first = await createRepositoryMaps(town.home).at({ rig: 'r', commit });
  const kept = await outlinesIn(town.home.outlines('r'));
  expect(kept.length).toBe(5);
  for (const file of kept) expect(await readFile(file, 'utf8')).not.toMatch(/xyzzy|hiddenPassphrase/);

  // Another process, to which git could not give the contents again.
  const lost = homeAt(await mkdtemp(join(tmpdir(), 'gt-map-')));
  await execa('cp', ['-r', town.home.root, lost.root]);
  const moved = homeAt(join(lost.root, town.home.root.split('/').at(-1) ?? ''));
  const oid = await town.git(moved.repo('r'), 'rev-parse', `${commit}:src/order.ts`);
  await rm(join(moved.repo('r'), 'objects', oid.slice(0, 2), oid.trim().slice(2)));
  const again = await createRepositoryMaps(moved).at({ rig: 'r', commit });
  expect(again.files.map(({ facts }) => facts)).toEqual(first.files.map(({ facts }) => facts));
  await rm(lost.root, { recursive: true, force: true });
});

test('G4: a torn or foreign file in the cache is made again', async () => {
  const town = await openWorktree(files);
  const maps = () => createRepositoryMaps(town.home).at({ rig: 'r', commit: town.base });
  const before = await maps();
  for (const file of await outlinesIn(town.home.outlines('r'))) await writeFile(file, '[1,2,["x');
  expect((await maps()).files.map(({ facts }) => facts)).toEqual(before.files.map(({ facts }) => facts));
});

test('a later commit of a bead is mapped on the ground of its base: new files are in it, deleted ones not, changed ones without names', async () => {
  const town = await openWorktree(files);
  const reply =
    'src/money.ts\n```ts\nexport const roundUp = (x: number) => x;\n```\nsrc/tax.ts\n```ts\nexport const taxOf = () => 1;\n```\nDELETE docs/notes.md\n';
  const result = await town.applyReply(await town.applying(reply));
  if (result.outcome !== 'applied') throw new Error(result.outcome);
  const maps = createRepositoryMaps(town.home);
  const map = await maps.at({ rig: 'r', commit: result.head, base: town.base });
  expect(map.touched).toEqual(['src/money.ts', 'src/tax.ts']);
  expect(map.files.map(({ path, facts }) => [path, facts.names[0]])).toEqual([
    ['data/table.bin', undefined],
    ['src/money.ts', undefined],
    ['src/order.ts', 'const totalOf'],
    ['src/tax.ts', undefined],
  ]);
  const ranked = map.ranked({ text: 'the tax' }).map(({ path }) => path);
  expect(ranked[0]).toBe('src/tax.ts');
  expect(ranked.toSorted()).toEqual(map.files.map(({ path }) => path).toSorted());
  expect(
    (await maps.at({ rig: 'r', commit: result.head, base: town.base })).ranked({ text: 'the tax' }),
  ).toEqual(map.ranked({ text: 'the tax' }));
});

test('links and submodules are no files of a map, and of a sparse rig only what is checked out is', async () => {
  const town = await openWorktree({ 'app/a.ts': 'a\n', 'data/b.ts': 'b\n', 'top.txt': 't\n' });
  await execa('ln', ['-s', '/etc/passwd', join(town.worktree, 'app/link.ts')]);
  await town.inWorktree('update-index', '--add', '--cacheinfo', `160000,${town.base},app/module`);
  await town.inWorktree('add', 'app/link.ts');
  await town.inWorktree('commit', '-q', '-m', 'odd');
  const commit = (await town.inWorktree('rev-parse', 'HEAD')).trim();
  const maps = createRepositoryMaps(town.home);
  const paths = async (sparse: readonly string[]) =>
    (await maps.at({ rig: 'r', commit, sparse })).files.map(({ path }) => path);
  expect(await paths([])).toEqual(['app/a.ts', 'data/b.ts', 'top.txt']);
  expect(await paths(['app'])).toEqual(['app/a.ts', 'top.txt']);
});

test('many beads at once read the repository once, and all get the same map', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 60 }, (_, at) => [`lib/f${at}.ts`, `export const f${at} = 1;\n`]),
  );
  const town = await openWorktree(many);
  const maps = createRepositoryMaps(town.home);
  const all = await Promise.all(Array.from({ length: 8 }, () => maps.at({ rig: 'r', commit: town.base })));
  for (const map of all) expect(map.ranked({ text: 'f7' })).toEqual(all[0]?.ranked({ text: 'f7' }));
  expect((await outlinesIn(town.home.outlines('r'))).length).toBe(60);
});

test('who is in a hurry waits for the likeliest files of a large repository only; the others are read meanwhile', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 900 }, (_, at) => [`lib/f${at}.ts`, `export const f${at} = 1;\n`]),
  );
  const town = await openWorktree({ ...many, 'zoo/zebra.ts': 'export const stripes = 1;\n' });
  const maps = createRepositoryMaps(town.home);
  const of = { rig: 'r', commit: town.base };
  const first = await maps.at({ ...of, hurry: 'Paint the zebra' });
  const known = first.files.filter(({ facts }) => facts.names.length > 0);
  expect(known.length).toBe(300);
  expect(known.map(({ path }) => path)).toContain('zoo/zebra.ts');
  expect(first.files.length).toBe(901);
  await expect
    .poll(async () => (await maps.at(of)).files.filter(({ facts }) => facts.names.length > 0).length, {
      timeout: 30_000,
    })
    .toBe(901);
});
