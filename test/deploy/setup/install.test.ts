import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { ensureInstalled } from '../../../deploy/setup/install.mjs';
import { packagedNode, townNode } from '../../../deploy/setup/node.mjs';
import { linesOf, npm, program, tempFolder } from './fakes.ts';

let root: string;
let log: string;
let env: Record<string, string>;

beforeEach(async () => {
  const folder = await tempFolder();
  root = join(folder, 'clone');
  await mkdir(root);
  log = await npm(join(folder, 'bin'));
  env = { PATH: join(folder, 'bin') };
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await lock('1.0.0');
});

/** A lock with one package that everybody needs, and one for another platform. */
const lock = async (version: string): Promise<void> =>
  await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages: packages(version, true) }));

const packages = (version: string, optional = false) => ({
  ...(optional
    ? { '': { version: '0' }, 'node_modules/other-platform': { version: '1.0.0', optional: true } }
    : {}),
  'node_modules/a': { version },
});

const installedByHand = async (version: string): Promise<void> => {
  await mkdir(join(root, 'node_modules'));
  await writeFile(
    join(root, 'node_modules/.package-lock.json'),
    JSON.stringify({ packages: packages(version) }),
  );
};

const installs = async (): Promise<number> => (await linesOf(log)).length;

test('a fresh clone is installed once, with what tests and other settings would leave out', async () => {
  await ensureInstalled(root, { env });
  await ensureInstalled(root, { env });
  expect(await linesOf(log)).toEqual([expect.stringMatching(/^ci --include=dev --include=optional/)]);
});

test('a lock that changed is installed again; one that only looks newer is not', async () => {
  await ensureInstalled(root, { env });
  await utimes(join(root, 'package-lock.json'), new Date(), new Date(Date.now() + 60_000));
  await ensureInstalled(root, { env });
  expect(await installs()).toBe(1);
  await lock('1.0.1');
  await ensureInstalled(root, { env });
  expect(await installs()).toBe(2);
});

test('what somebody installed by hand is taken as it is when it fits the lock, packages of other platforms aside', async () => {
  await installedByHand('1.0.0');
  await ensureInstalled(root, { env });
  expect(await installs()).toBe(0);
  await lock('1.0.1');
  await ensureInstalled(root, { env });
  expect(await installs()).toBe(1);
});

test('a command that must not disturb running workers installs only what is missing', async () => {
  await installedByHand('0.9.0');
  await ensureInstalled(root, { env, onlyMissing: true });
  expect(await installs()).toBe(0);
  await rm(join(root, 'node_modules'), { recursive: true });
  await ensureInstalled(root, { env, onlyMissing: true });
  expect(await installs()).toBe(1);
});

test('two set-ups at once install one time', async () => {
  await Promise.all([ensureInstalled(root, { env }), ensureInstalled(root, { env })]);
  expect(await installs()).toBe(1);
});

test('G5: the lock of a set-up that was killed is taken over', async () => {
  await writeFile(join(root, '.setup.lock'), `${2 ** 22 + 1}\n`);
  await ensureInstalled(root, { env });
  expect(await installs()).toBe(1);
  await expect(readFile(join(root, '.setup.lock'))).rejects.toThrow('ENOENT');
});

test('G5: an owner that has not given a sign for half a minute is dead, even if another program has its pid', async () => {
  await writeFile(join(root, '.setup.lock'), `${process.pid}\n`);
  const minuteAgo = new Date(Date.now() - 60_000);
  await utimes(join(root, '.setup.lock'), minuteAgo, minuteAgo);
  await ensureInstalled(root, { env });
  expect(await installs()).toBe(1);
});

test('G10: an install that fails says what npm said, and the next try installs again', async () => {
  const broken = join(root, '../broken');
  await npm(broken, { fails: true });
  await expect(ensureInstalled(root, { env: { PATH: broken } })).rejects.toThrow(
    /could not be installed[\s\S]*npm ci in .*exit status 1[\s\S]*ENETUNREACH[\s\S]*Next: /,
  );
  await ensureInstalled(root, { env });
  expect(await installs()).toBe(1);
});

test('the Node that runs us is used when it is new enough, else the one among the packages', async () => {
  const self = (node: string) => ({ versions: { node }, execPath: '/usr/bin/node' });
  expect(townNode(root, self('22.18.0'))).toBe('/usr/bin/node');
  expect(townNode(root, self('24.0.0'))).toBe('/usr/bin/node');
  expect(() => townNode(root, self('22.17.1'))).toThrow(/22\.17\.1[\s\S]*Next: /);
  await program(packagedNode(root), 'exit 0');
  expect(townNode(root, self('20.20.2'))).toBe(packagedNode(root));
});
