import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { cacheFolder, ensureTemporal } from '../../../deploy/setup/temporal.mjs';
import { go, linesOf, program, tempFolder, temporal } from './fakes.ts';

let folder: string;
let root: string;
let path: string;
let cache: string;
let env: Record<string, string>;
let said: () => string;

beforeEach(async () => {
  folder = await tempFolder();
  [root, path] = [join(folder, 'clone'), join(folder, 'bin')];
  await mkdir(join(root, 'deploy/temporal'), { recursive: true });
  await writeFile(
    join(root, 'deploy/temporal/go.mod'),
    'require github.com/temporalio/cli v1.8.2 // indirect\n',
  );
  // A proxy that nobody runs: the SDK's download must fail here, also on a machine with internet.
  env = {
    PATH: path,
    HOME: folder,
    XDG_CACHE_HOME: join(folder, 'cache'),
    HTTPS_PROXY: 'http://127.0.0.1:1',
  };
  cache = cacheFolder(env);
  const print = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  said = () => print.mock.calls.flat().join('\n');
});

const cachedPath = (): string => join(cache, 'temporal-1.8.2');
const ensure = async (): Promise<string> => await ensureTemporal({ root, env });

test('TEMPORAL_CLI_PATH comes before everything else, silently', async () => {
  await temporal(join(path, 'temporal'));
  env['TEMPORAL_CLI_PATH'] = await temporal(join(folder, 'mine'));
  expect(await ensure()).toBe(join(folder, 'mine'));
  expect(said()).toBe('');
});

test('a TEMPORAL_CLI_PATH is meant from where the person typed it', async () => {
  await temporal(join(folder, 'typed/here/temporal'));
  Object.assign(env, { INIT_CWD: join(folder, 'typed'), TEMPORAL_CLI_PATH: 'here/temporal' });
  expect(await ensure()).toBe(join(folder, 'typed/here/temporal'));
});

test.each([
  ['is not there', async () => join(folder, 'absent')],
  ['is not an executable file', async () => folder],
  ['is no Temporal command line', async () => await program(join(folder, 'other'), 'echo hello')],
  [
    'has no `server start-dev`',
    async () =>
      await program(
        join(folder, 'half'),
        '[ "$1" = --version ] && echo "temporal version 1 (Server 1.31.2)"',
      ),
  ],
  ['is too old', async () => await temporal(join(folder, 'old'), '1.20.0')],
])('G10: a TEMPORAL_CLI_PATH that %s is an error, even when others would do', async (fault, make) => {
  await temporal(join(path, 'temporal'));
  env['TEMPORAL_CLI_PATH'] = await make();
  await expect(ensure()).rejects.toThrow(
    new RegExp(`TEMPORAL_CLI_PATH[\\s\\S]*${fault}[\\s\\S]*Next: .*unset`),
  );
});

test('`temporal` on PATH comes before the cache', async () => {
  await temporal(join(path, 'temporal'));
  await temporal(cachedPath());
  expect(await ensure()).toBe(join(path, 'temporal'));
});

test('one on PATH that is too old is named and passed over', async () => {
  await temporal(join(path, 'temporal'), '1.20.0');
  await temporal(cachedPath());
  expect(await ensure()).toBe(cachedPath());
  expect(said()).toMatch(/Not used: .*bin\/temporal is too old/);
});

test('what was verified once is not asked again until the file changes', async () => {
  const log = join(folder, 'asked');
  await program(cachedPath(), `echo "$1" >> '${log}'\n${(await import('./fakes.ts')).temporalScript()}`);
  await ensure();
  await ensure();
  expect(await linesOf(log)).toHaveLength(2); // --version and --help
  await program(cachedPath(), 'exit 1 # broken since');
  await expect(ensure()).rejects.toThrow('temporal-1.8.2 is no Temporal command line');
});

test('without network it is built from Go modules into the cache, each step announced with its cost', async () => {
  const log = await go(path);
  expect(await ensure()).toBe(cachedPath());
  expect(said()).toMatch(/download \(about 50 MB\)[\s\S]*about 7 minutes on 2 cores, once/);
  expect(await linesOf(log)).toEqual([
    expect.stringMatching(/clone\/deploy\/temporal CGO_ENABLED=0 GOFLAGS=$/),
  ]);
  expect(await ensure()).toBe(cachedPath());
  expect(await linesOf(log)).toHaveLength(1);
});

test('two set-ups at once build one time', async () => {
  const log = await go(path);
  expect(await Promise.all([ensure(), ensure()])).toEqual([cachedPath(), cachedPath()]);
  expect(await linesOf(log)).toHaveLength(1);
  expect(said()).toContain('Waiting for another set-up');
});

test('G5: a build that breaks in the middle leaves nothing that could be taken for a server', async () => {
  await go(path, { fails: true });
  await expect(ensure()).rejects.toThrow(/go build[\s\S]*exit status 1[\s\S]*disk full/);
  expect((await readdir(cache)).filter((name) => name !== 'verified')).toEqual([]);
});

test('G10: with nothing available, all that was tried is listed, and the choices are commands', async () => {
  await temporal(join(path, 'temporal'), '1.20.0');
  await go(path, { version: 'go1.24.1' });
  const choice = process.platform === 'darwin' ? 'brew install temporal' : 'https://temporal.download/cli.sh';
  await expect(ensure()).rejects.toThrow(
    new RegExp(
      [
        'There is no Temporal server',
        'bin/temporal is too old',
        'temporal-1.8.2 is not there',
        "SDK's download failed: .*failed to download",
        'Go is go1.24.1, needed is 1.26',
        'Next: ',
        choice,
        'export TEMPORAL_CLI_PATH=',
      ].join('[\\s\\S]*'),
    ),
  );
});

test('the cache is per user, where the platform keeps caches', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/gastown/temporal-cli');
  const home = process.platform === 'darwin' ? '/h/Library/Caches' : '/h/.cache';
  expect(cacheFolder({ HOME: '/h' })).toBe(`${home}/gastown/temporal-cli`);
});
