import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { examineRig } from '../../../activities/examine/rig.ts';
import { sizeFindings } from '../../../activities/examine/size.ts';
import { createGateRunner } from '../../../activities/gates/index.ts';
import { createBlobs } from '../../../activities/ledger/blobs.ts';
import type { Rig } from '../../../activities/rig/index.ts';
import type { Finding } from '../../../workflows/domain/finding.ts';
import type { RigSettings } from '../../../workflows/domain/rig.ts';
import { tempHome, tempRepo } from '../../support/repo.ts';

const look = async (source: string, settings: Partial<RigSettings> = {}): Promise<Finding[]> => {
  await using home = await tempHome();
  const blobs = createBlobs(home.blobs);
  const rig: RigSettings = {
    ...{
      name: 'app',
      source,
      branch: 'main',
      land: { mode: 'push' },
      setup: undefined,
      setupTimeoutMs: 60_000,
    },
    ...{ caches: [], cacheKey: [], sparse: [], gates: [{ name: 'check', run: 'true', timeoutMs: 20_000 }] },
    ...{ network: false, cloud: 'never', sandbox: 'off', maxWorkers: 4, ...settings },
  };
  const findings: Finding[] = [];
  const place = { home, blobs, runner: createGateRunner({ home, blobs }), thorough: true };
  const { signal } = new AbortController();
  for await (const finding of examineRig(rig, { ...place, signal })) findings.push(finding);
  for (const { level, fix } of findings) expect(level === 'ok' || fix !== '').toBe(true);
  return findings;
};

const ill = (findings: readonly Finding[]): Finding | undefined =>
  findings.find(({ level }) => level !== 'ok');
const gate = (run: string): Partial<RigSettings> => ({ gates: [{ name: 'check', run, timeoutMs: 20_000 }] });

test('a good rig: read, landed on by a dry run, measured, and its gates green; nothing is left at the source', async () => {
  await using remote = await tempRepo({ bare: true });
  const findings = await look(`file://${remote.path}`);
  expect(findings.map(({ check, level }) => `${check} ${level}`)).toEqual([
    'rig app ok',
    'rig app ok',
    'rig app ok',
    'gates app ok',
  ]);
  expect(findings[1]).toMatchObject({
    what: 'work lands on main',
    evidence: expect.stringMatching(/^git push --dry-run/),
  });
  expect(await remote.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
});

test('a target that is checked out: lands beside it and says how to take it over; a dirty tree and odd names are no trouble', async () => {
  await using repo = await tempRepo({ files: { 'größe mit leer.txt': 'ä\r\n', 'src/日本.txt': '1\r\n' } });
  await writeFile(join(repo.path, 'unsaved.txt'), 'mine');
  const findings = await look(repo.path, gate('test -f "größe mit leer.txt" && ! test -e unsaved.txt'));
  expect(ill(findings)).toBeUndefined();
  expect(findings.map(({ evidence }) => evidence)).toContainEqual(expect.stringContaining('merge --ff-only'));
  expect(await repo.git('branch', '--list')).toBe('* main');
});

describe('the gates on the target as it is now', () => {
  test('G2: a red target is BaseRed, with what the gate said and how to see it', async () => {
    await using repo = await tempRepo({ files: { 'a.txt': '1' } });
    const finding = ill(await look(repo.path, gate('echo "error: the roof leaks"; exit 1')));
    expect(finding).toMatchObject({
      check: 'gates app',
      level: 'fail',
      what: expect.stringContaining('BaseRed'),
    });
    expect(finding?.evidence).toContain('the roof leaks');
    expect(finding?.fix).toContain(`git clone -b main ${repo.path} fresh && cd fresh && `);
  });

  test('a test command that is not there', async () => {
    await using repo = await tempRepo();
    const finding = ill(await look(repo.path, gate('no-such-tool --all')));
    expect(finding).toMatchObject({ level: 'fail', fix: expect.stringContaining('no-such-tool') });
    expect(finding?.what).toContain('not found');
  });

  test('set-up that fails', async () => {
    await using repo = await tempRepo();
    expect(ill(await look(repo.path, { setup: 'exit 3' }))?.what).toContain('SetupFailed');
  });
});

describe('what the town cannot work with is named', () => {
  test('no repository, no commit, no such branch', async () => {
    await using home = await tempHome();
    await mkdir(join(home.root, 'plain'));
    expect(ill(await look(join(home.root, 'plain')))?.what).toContain('not a git repository');
    await using unborn = await tempRepo({ files: {} });
    expect(ill(await look(unborn.path))?.what).toContain('no commit yet');
    await using repo = await tempRepo({ branch: 'trunk' });
    expect(ill(await look(repo.path))?.fix).toContain('trunk');
  });

  test('a remote that refuses the push: the mode that lands on a branch is offered', async () => {
    await using remote = await tempRepo({ bare: true });
    await using home = await tempHome();
    // What a host answers to those who may read and not write.
    const server = join(home.root, 'receive-pack');
    await writeFile(server, '#!/bin/sh\necho "ERROR: Permission to a/b denied to c." >&2\nexit 1\n');
    await chmod(server, 0o755);
    const before = { ...process.env };
    Object.assign(process.env, {
      ...{ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'remote.origin.receivepack', GIT_CONFIG_VALUE_0: server },
    });
    try {
      const finding = ill(await look(`file://${remote.path}`));
      expect(finding?.what).toContain('PushRefused');
      expect(finding?.fix).toContain('land: branch:gastown/main');
    } finally {
      for (const name of ['GIT_CONFIG_COUNT', 'GIT_CONFIG_KEY_0', 'GIT_CONFIG_VALUE_0']) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  });

  test('Git LFS and submodules', async () => {
    await using lfs = await tempRepo({
      files: { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' },
    });
    expect(ill(await look(lfs.path))?.what).toContain('Git LFS');
    await using other = await tempRepo();
    await using repo = await tempRepo();
    await repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', other.path, 'vendor');
    await repo.git('commit', '-q', '-m', 'vendor');
    expect(ill(await look(repo.path))?.what).toContain('submodules');
  });

  test('names that differ in case only', async () => {
    await using remote = await tempRepo({ bare: true, files: { 'Read.md': '1', 'read.md': '2' } });
    expect(ill(await look(`file://${remote.path}`))).toMatchObject({
      level: 'warn',
      evidence: expect.stringContaining('Read.md and read.md'),
    });
  });
});

describe('a large rig', () => {
  const files = Object.fromEntries([
    ...Array.from({ length: 40 }, (_, at): [string, string] => [`data/d${at}.txt`, `${at}`]),
    ...['app/a.ts', 'app/b.ts', 'lib/c.ts', 'top.txt'].map((path): [string, string] => [path, 'x']),
  ]);
  const sized = async (sparse: readonly string[]): Promise<Finding[]> => {
    await using repo = await tempRepo({ files });
    const { signal } = new AbortController();
    const settings = { name: 'mono', sparse, maxWorkers: 4 } as RigSettings;
    const rig = { settings, repo: join(repo.path, '.git'), signal } as Rig;
    const findings: Finding[] = [];
    const most = { files: 10, bytes: 2 ** 30 };
    for await (const finding of sizeFindings('rig mono', rig, await repo.revParse('HEAD'), most))
      findings.push(finding);
    return findings;
  };

  test('is told which folders weigh most, and the very setting that leaves them out', async () => {
    const [finding] = await sized([]);
    expect(finding).toMatchObject({
      level: 'warn',
      evidence: expect.stringContaining('data: 40 files'),
      fix: expect.stringContaining('do not need data, set rigs.mono.sparse: ["app", "lib"]'),
    });
  });

  test('with that setting it is well', async () => {
    expect(await sized(['app', 'lib'])).toEqual([
      expect.objectContaining({
        level: 'ok',
        what: expect.stringMatching(/^4 files, .* \(of 44, as sparse says\)/),
      }),
    ]);
  });

  test('a folder that is not there, and one that is still too much', async () => {
    const [absent] = await sized(['ap']);
    expect(absent).toMatchObject({ level: 'warn', what: expect.stringContaining('no folder ap') });
    const [large] = await sized(['data']);
    expect(large?.fix).toContain('rigs.mono.sparse in gastown.yaml to the folders');
  });
});
