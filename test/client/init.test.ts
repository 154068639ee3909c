import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../deploy/config/index.ts';
import { type ModelHost, startModelHost } from '../support/modelHost.ts';
import { repoAt, type TempRepo } from '../support/repo.ts';
import { gt, type Ran } from './gtProcess.ts';

let ollama: ModelHost;
let vllm: ModelHost;
let folder: string;
let repo: TempRepo;

beforeAll(async () => {
  ollama = await startModelHost({
    kind: 'ollama',
    models: { 'qwen3-coder:30b': { context: 4_096 }, 'llama3:8b': { context: 4_096 } },
    reply: () => 'ok',
  });
  vllm = await startModelHost({
    kind: 'openai',
    models: { 'gpt-oss-120b': { context: 65_536 } },
    reply: () => 'ok',
  });
});
afterAll(async () => {
  await ollama.close();
  await vllm.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  folder = await realpath(await mkdtemp(join(tmpdir(), 'gt-init-')));
  repo = await repository('My App', { 'package.json': '{"scripts":{"test":"node --test","lint":"x"}}' });
});

const repository = async (name: string, files: Readonly<Record<string, string>>): Promise<TempRepo> => {
  const path = join(folder, name);
  await mkdir(path);
  const made = repoAt(path);
  await made.git('init', '-q', '-b', 'main');
  if (Object.keys(files).length > 0) await made.commit(files);
  return made;
};

const init = (...args: string[]): Promise<Ran> => gt(['init', ...args], repo.path, { HOME: folder });
const file = (): string => join(repo.path, 'gastown.yaml');
const around = () => ({ env: {}, homedir: folder, timeZone: 'UTC' });

describe('gt init', () => {
  test('--yes writes a commented configuration that the town reads, for the repository and the host that it found', async () => {
    const ran = await init('--yes', '--host', `big=${vllm.url}`);
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining(`Wrote ${file()}`) });
    expect(ran.out).toMatch(/test: npm test {2}\(package\.json: scripts\.test\)/);
    const config = await loadConfig(file(), around());
    expect(config).toMatchObject({
      name: 'my-app',
      hosts: [{ name: 'big', kind: 'openai', url: vllm.url }],
      models: [{ key: 'gpt-oss-120b', context: 65_536, hosts: ['big'] }],
      mayor: { kind: 'own', model: 'gpt-oss-120b' },
      rigs: [
        {
          name: 'my-app',
          source: repo.path,
          branch: 'main',
          cloud: 'never',
          network: false,
          gates: [
            { name: 'lint', run: 'npm run lint' },
            { name: 'test', run: 'npm test' },
          ],
          format: undefined,
          nearest: { run: 'node --test {tests}', timeoutMs: 300_000 },
        },
      ],
    });
    expect(ran.out).toMatch(/nearest node --test \{tests\} {2}\(package\.json: scripts\.test\)/);
    expect(config.warnings).toEqual([]);
    expect(await readFile(file(), 'utf8')).toMatch(/^# gastown\.yaml: .*written by `gt init`/);
  });

  test('G8 Ollama’s small default context is measured by a real call, and an alias carries a better one', async () => {
    const ran = await init('--yes', '--host', `shop=${ollama.url}`, '--model', 'qwen3-coder:30b', '--json');
    expect(JSON.parse(ran.out)).toMatchObject({
      data: {
        models: [{ name: 'qwen3-coder-30b-16k', context: 16_384 }],
        answered: { 'qwen3-coder-30b-16k': expect.any(Number) },
      },
    });
    expect(ran.err).toContain('4096 tokens');
    expect(await readFile(file(), 'utf8')).toContain('# shop: llama3:8b, made for 131072 tokens');
  });

  test('of several hosts that were named, each is used with its best model', async () => {
    await using twin = await startModelHost({
      kind: 'openai',
      models: { 'gpt-oss-120b': { context: 32_768 } },
      reply: () => 'ok',
    });
    await init(
      '--yes',
      '--host',
      `big=${vllm.url}`,
      '--host',
      `twin=${twin.url}`,
      '--host',
      `shop=${ollama.url}`,
    );
    const { hosts, models } = await loadConfig(file(), around());
    expect(hosts.map(({ name }) => name)).toEqual(['big', 'twin', 'shop']);
    // What a model promises holds on every host that serves it.
    expect(models).toMatchObject([
      { name: 'gpt-oss-120b', context: 32_768, hosts: ['big', 'twin'] },
      { name: expect.stringContaining('qwen3-coder'), hosts: ['shop'] },
    ]);
  });

  test('--dry-run prints the file and changes nothing, on no server either', async () => {
    const before = ollama.residency.names().length;
    const ran = await init('--dry-run', '--host', `shop=${ollama.url}`, '--model', 'llama3:8b');
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('  llama3-8b:\n') });
    expect(ollama.residency.names()).toHaveLength(before);
    await expect(readFile(file())).rejects.toThrow('ENOENT');
  });

  test('what is said on the command line is taken as it is', async () => {
    const ran = await init(
      '--yes',
      '--no-check',
      '--host',
      `big=${vllm.url}`,
      '--context',
      '32768',
      '--gate',
      'make "all"',
      '--gate',
      'npm test',
      '--name',
      'mill',
      '--land',
      'branch:gastown/main',
    );
    expect(ran.code).toBe(0);
    expect(await loadConfig(file(), around())).toMatchObject({
      name: 'mill',
      models: [{ context: 32_768 }],
      rigs: [
        {
          land: { mode: 'branch', branch: 'gastown/main' },
          gates: [
            { name: 'gate', run: 'make "all"' },
            { name: 'test', run: 'npm test' },
          ],
        },
      ],
    });
  });

  test('two towns of one name do not share a home', async () => {
    const home = join(folder, '.local/state/gastown/my-app');
    await mkdir(home, { recursive: true });
    await writeFile(
      join(home, 'town.json'),
      JSON.stringify({ address: 'x', pids: [], config: '/elsewhere/gastown.yaml' }),
    );
    await init('--yes', '--host', `big=${vllm.url}`);
    expect((await loadConfig(file(), around())).name).toBe('my-app-2');
  });
});

describe('G10 whatever a stranger gets wrong in the first minutes ends with three parts and writes nothing', () => {
  const wrong = async (ran: Promise<Ran>, code: number, type: string, next: RegExp): Promise<void> => {
    const { out, err, code: ended } = await ran;
    expect({
      ended,
      out,
      type: /^\w+(?=: )/m.exec(err.split('\n').find((line) => line.startsWith(type)) ?? err)?.[0],
    }).toEqual({ ended: code, out: '', type });
    expect(err.split('\n').at(-1)).toMatch(/^Next: /);
    expect(err.split('\n').at(-1)).toMatch(next);
    await expect(readFile(file())).rejects.toThrow('ENOENT');
  };

  test('no terminal and no --yes', () => wrong(init(), 2, 'NeedsAnswers', /--yes/));

  test('a folder without a repository, and a repository without commits', async () => {
    const there = { HOME: folder };
    await wrong(gt(['init', '--yes'], folder, there), 2, 'NotARepository', /--repo PATH/);
    const empty = await repository('empty', {});
    await wrong(gt(['init', '--yes'], empty.path, there), 2, 'NoCommits', /git commit/);
  });

  test('a branch that is not there, a name that cannot be', async () => {
    await wrong(init('--yes', '--branch', 'trunk'), 2, 'NoBranch', /--branch/);
    await wrong(init('--yes', '--name', 'My App'), 2, 'BadName', /a-z, 0-9/);
  });

  test('no command for tests', async () => {
    await repo.commit({ 'package.json': null, 'README.md': 'x' });
    await wrong(init('--yes', '--host', `big=${vllm.url}`), 2, 'NoGates', /--gate "npm test"/);
  });

  test('a host that is none, or nobody, or wants a key', async () => {
    await wrong(init('--yes', '--host', 'no host!'), 2, 'BadHost', /--host workshop=/);
    await wrong(init('--yes', '--host', 'nowhere.invalid'), 1, 'HostDown', /ollama serve/);
    await wrong(init('--yes', '--host', '127.0.0.1:9'), 1, 'HostDown', /ollama serve/);
    await wrong(init('--yes', '--host', 'big=http://127.0.0.1:9'), 1, 'HostDown', /ollama serve/);
    vllm.impose('unauthorized');
    try {
      await wrong(init('--yes', '--host', `big=${vllm.url}`), 1, 'HostRefused', /export BIG_API_KEY/);
    } finally {
      vllm.impose(undefined);
    }
  });

  test('a model that no host has, and more context than it gives', async () => {
    await wrong(init('--yes', '--host', `big=${vllm.url}`, '--model', 'gpt-4'), 2, 'ModelMissing', /--model/);
    await wrong(
      init('--yes', '--host', `big=${vllm.url}`, '--context', '131072'),
      1,
      'ContextTooSmall',
      /--context 65536/,
    );
  });

  test('a landing mode that is none is told as the mistake in the file that it would be', async () => {
    const ran = await init('--yes', '--host', `big=${vllm.url}`, '--land', 'yolo');
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('push, local, or branch:<name>') });
    await expect(readFile(file())).rejects.toThrow('ENOENT');
  });

  test('a town that is there already is left alone, here and above', async () => {
    await writeFile(file(), 'mine');
    const ran = await init('--yes', '--host', `big=${vllm.url}`);
    expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(/TownExists[\s\S]*gt rig add/) });
    expect(await readFile(file(), 'utf8')).toBe('mine');
  });
});

describe('gt rig and gt host change gastown.yaml and keep what a person wrote in it', () => {
  const own = '# My own note.\n';
  beforeEach(async () => {
    await init('--yes', '--host', `big=${vllm.url}`);
    await writeFile(file(), own + (await readFile(file(), 'utf8')));
  });
  const here = (...args: string[]): Promise<Ran> => gt(args, repo.path, { HOME: folder });

  test('a host may be named by its machine, and what is none is told as this command is written', async () => {
    const nobody = await here('host', 'add', 'desk', '127.0.0.1:9', '--yes');
    expect(nobody).toMatchObject({ code: 1, err: expect.stringContaining('HostDown: Host desk') });
    const none = await here('host', 'add', 'desk', 'no host!', '--yes');
    expect(none).toMatchObject({ code: 2, err: expect.stringContaining('gt host add desk http://') });
  });

  test('a rig comes and goes, and the file is as it was', async () => {
    const before = await readFile(file(), 'utf8');
    const other = await repository('other', { Makefile: 'test:\n\ttrue\n' });
    expect(await here('rig', 'add', '../other', '--yes')).toMatchObject({
      code: 0,
      out: expect.stringContaining('test: make test'),
    });
    const { rigs } = await loadConfig(file(), around());
    expect(rigs).toMatchObject([
      { name: 'my-app' },
      { name: 'other', source: other.path, gates: [{ run: 'make test' }] },
    ]);
    expect(await here('rig', 'list')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/other +main +push +never +test/),
    });
    expect(await here('rig', 'add', '../other', '--yes')).toMatchObject({
      code: 2,
      err: expect.stringContaining('RigExists'),
    });
    expect(await here('rig', 'remove', 'other')).toMatchObject({ code: 0 });
    expect(await readFile(file(), 'utf8')).toBe(before);
    expect(await here('rig', 'remove', 'my-app')).toMatchObject({
      code: 4,
      err: expect.stringContaining('LastRig'),
    });
    expect(await here('rig', 'remove', 'my-ap')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean my-app?'),
    });
  });

  test('a host with its model is added; a model that the town has gets one more host', async () => {
    await using twin = await startModelHost({
      kind: 'openai',
      models: { 'gpt-oss-120b': { context: 65_536 } },
      reply: () => 'ok',
    });
    expect(await here('host', 'add', 'shop', ollama.url, '--yes', '--model', 'llama3:8b')).toMatchObject({
      code: 0,
    });
    expect(await here('host', 'add', 'twin', twin.url, '--yes', '--slots', '3')).toMatchObject({
      code: 0,
      out: expect.stringContaining('served here, too'),
    });
    const config = await loadConfig(file(), around());
    expect(config.hosts).toMatchObject([
      { name: 'big' },
      { name: 'shop', kind: 'ollama' },
      { name: 'twin', slots: 3 },
    ]);
    expect(config.models).toMatchObject([
      { hosts: ['big', 'twin'] },
      { key: 'llama3-8b-16k', hosts: ['shop'], context: 16_384 },
    ]);
    expect(await readFile(file(), 'utf8')).toMatch(/^# My own note\.\n/);
    expect(await here('host', 'add', 'again', twin.url, '--yes')).toMatchObject({
      code: 2,
      err: expect.stringContaining('HostExists'),
    });
    expect(await here('host', 'list')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/shop +ollama +1/),
    });
  });

  test('check ends with 1 and the remedy when a host is not as promised', async () => {
    expect(await here('host', 'check')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^ok {3}host [\s\S]*generates on big/),
    });
    vllm.impose('html');
    try {
      expect(await here('host', 'check', 'big')).toMatchObject({
        code: 1,
        out: expect.stringMatching(/FAIL[\s\S]*NotAModelServer[\s\S]*Next: /),
      });
      expect(JSON.parse((await here('host', 'check', '--json')).out)).toMatchObject({
        data: expect.arrayContaining([
          expect.objectContaining({ check: 'host big', what: expect.stringMatching(/^NotAModelServer: /) }),
        ]),
        meta: { exitCode: 1, worst: 'fail' },
      });
    } finally {
      vllm.impose(undefined);
    }
    expect(await here('host', 'check', 'bug')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean big?'),
    });
  });
});
