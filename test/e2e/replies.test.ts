import { mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { markOf } from '../../deploy/town/processes.ts';
import { writeRecord } from '../../deploy/town/record.ts';
import type { ConvoyResult } from '../../workflows/domain/convoy.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { BeadLine } from '../../workflows/domain/report/report.ts';
import { processesWith } from '../activities/sandbox/processes.ts';
import { gt } from '../client/gtProcess.ts';
import { filesReply, openTestTown, type TestBead, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** What no reply may do: the reply that tries, and what the model is told. */
const attempts: Readonly<Record<string, { reply: string; told: RegExp }>> = {
  outside: {
    reply: filesReply({ '../outside.txt': 'out\n' }),
    told: /\.\.\/outside\.txt leaves the repository/,
  },
  absolute: { reply: filesReply({ '/tmp/gt-absolute.txt': 'out\n' }), told: /is absolute/ },
  hook: {
    reply: filesReply({ '.git/hooks/pre-commit': '#!/bin/sh\n' }),
    told: /\.git\/hooks\/pre-commit is inside \.git/,
  },
  'hook-in-capitals': { reply: filesReply({ '.GIT/config': '[core]\n' }), told: /is inside \.git/ },
  link: { reply: filesReply({ 'src/link/escape.txt': 'out\n' }), told: /src\/link is a symbolic link/ },
  scripts: {
    reply: filesReply({ 'package.json': '{ "scripts": { "test": "true" } }\n' }),
    told: /package\.json touches its scripts/,
  },
  ci: { reply: filesReply({ '.github/workflows/ci.yml': 'on: push\n' }), told: /is part of CI/ },
  'gate-script': { reply: filesReply({ 'check.sh': 'exit 0\n' }), told: /check\.sh is run by the command/ },
  settings: { reply: filesReply({ 'gastown.yaml': 'sandbox: off\n' }), told: /the town's configuration/ },
};

/** The gate of this rig: what a change says decides how badly it behaves. */
const check = `#!/bin/sh
if grep -rqs HANGING src; then trap '' TERM; sleep 71717; fi
if grep -rqs FLOODING src; then yes 'a line that says nothing'; fi
if grep -rqs FORKING src; then (setsid sleep 72727 >/dev/null 2>&1 &); nohup sleep 72727 & fi
if grep -rqs SHOUTING src; then cat shout.txt; exit 1; fi
if grep -rns BROKEN src; then exit 1; fi
`;

/** A terminal's title, colour, a cleared screen, a link, an image, a table cell, a bidi override. */
const hostile =
  '\u001b]0;owned\u0007\u001b[2J\u001b[31m[free](http://evil.example) <img src=x onerror=alert(1)> | a | **b** \u009b31m \u202e';
const clean = { [`src/clean.txt`]: 'clean\n' };

let town: TestTown;
let reaching: Promise<ConvoyResult>;
let rough: Promise<ConvoyResult>;
const held = Promise.withResolvers<void>();
const calls = new Map<string, number>();

beforeAll(async () => {
  town = await openTestTown({
    files: {
      'check.sh': check,
      'package.json': '{ "scripts": { "test": "sh check.sh" } }\n',
      'shout.txt': `error: ${hostile}\n`,
    },
    reply: async (bead) => {
      const call = (calls.get(bead) ?? 0) + 1;
      calls.set(bead, call);
      const good = filesReply({ [`src/${bead}.txt`]: `${bead}\n` });
      const says = (text: string): string => filesReply({ [`src/${bead}.txt`]: `${text} ${call}\n` });
      if (attempts[bead] !== undefined) return call === 1 ? attempts[bead].reply : good;
      switch (bead) {
        case 'incorrigible':
          return attempts['outside']?.reply ?? '';
        case 'approved':
          return filesReply({ 'package.json': '{ "scripts": { "test": "sh check.sh && true" } }\n' });
        case 'hangs':
          return call === 1 ? says('HANGING') : good;
        case 'hangs-on':
          return says('HANGING');
        case 'floods':
          return call === 1 ? says('FLOODING') : good;
        case 'floods-on':
          return says('FLOODING');
        case 'forks':
          return says('FORKING');
        case 'shouts':
          return `${hostile}\n\n${says('SHOUTING')}`;
        case 'waits':
          await held.promise;
          return filesReply(clean);
        default:
          return good;
      }
    },
    config: (config) => ({
      ...config,
      // Gates that fork, hang and flood are what the walls are for.
      sandbox: 'sample',
      rigs: {
        rig: {
          path: (config as { rigs: { rig: { path: string } } }).rigs.rig.path,
          gates: [{ name: 'check', run: 'sh check.sh', timeout: '6s' }],
        },
      },
      limits: { maxParallel: 32, bead: { attempts: 2 } },
    }),
  });
  await pushLink();
  // Both at once: they have nothing to do with each other.
  reaching = resultOf('reaching', [
    ...Object.keys(attempts).map((id) => ({ id })),
    { id: 'incorrigible' },
    { id: 'approved', approvedFiles: ['package.json'] },
  ]);
  rough = resultOf('rough', [
    ...['hangs', 'hangs-on', 'floods', 'floods-on', 'forks', 'fine'].map((id) => ({ id })),
    { id: 'after', needs: ['hangs', 'floods', 'fine'] },
  ]);
  await Promise.allSettled([reaching, rough]);
});
afterAll(() => town?.[Symbol.asyncDispose]());

const resultOf = async (convoy: string, beads: readonly TestBead[]): Promise<ConvoyResult> => {
  const { handle } = await town.launch(convoy, beads);
  return (await handle.result()) as ConvoyResult;
};

/** A repository may have symbolic links; this one leads out of it. */
const pushLink = async (): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'gt-link-'));
  try {
    await execa('git', ['clone', '-q', town.repo.path, folder]);
    await symlink('/tmp', join(folder, 'src/link'));
    const git = (...args: string[]) =>
      execa('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], { cwd: folder });
    await git('add', '-A');
    await git('commit', '-q', '-m', 'a link');
    await git('push', '-q', 'origin', 'HEAD:main');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const board = async (convoy: string): Promise<Map<string, BeadLine>> =>
  new Map((await town.convoyStatus(convoy)).epics[0]?.beads.map((line) => [line.bead, line]));

const promptsOf = (bead: string): string[] =>
  town.host.requests
    .map((call) => call.messages.map(({ content }) => content).join('\n'))
    .filter((text) => text.includes(`TASK-OF-${bead}.`));

describe('G9: a reply that reaches for what it may not is refused', () => {
  let result: ConvoyResult;
  beforeAll(async () => {
    result = await reaching;
  });

  test.each(Object.entries(attempts))(
    '%s: the model is told why, does without, and lands',
    async (bead, { told }) => {
      // A call that is repeated, on a machine that is too busy to beat in time, asks the same again.
      const prompts = [...new Set(promptsOf(bead))];
      expect(prompts).toHaveLength(2);
      expect(prompts[0]).not.toMatch(told);
      expect(prompts[1]).toMatch(told);
      expect(await town.repo.show('main', `src/${bead}.txt`)).toBe(`${bead}\n`);
      expect(await town.beadStatus('reaching', bead)).toMatchObject({
        ...{ state: 'landed', attempt: 1 },
        spent: { turns: 2 },
      });
    },
  );

  test('none of it is in the repository, in the worktrees or beside them', async () => {
    expect(result).toMatchObject({ landed: Object.keys(attempts).length + 1, blocked: 1 });
    const names = (await town.repo.git('ls-tree', '-r', '--name-only', 'main')).split('\n');
    const known = ['check.sh', 'package.json', 'shout.txt', 'src/link', 'src/start.txt'];
    const good = [...Object.keys(attempts), 'hangs', 'floods', 'forks', 'fine', 'after'];
    const own = good.map((bead) => `src/${bead}.txt`);
    expect(names.filter((name) => ![...known, ...own].includes(name))).toEqual([]);
    expect(await town.repo.show('main', 'check.sh')).toBe(check);
    await expect(stat('/tmp/gt-absolute.txt')).rejects.toThrow('ENOENT');
    await expect(stat('/tmp/escape.txt')).rejects.toThrow('ENOENT');
    const hooks = join(town.config.home, 'rigs', 'rig', 'repo.git', 'hooks', 'pre-commit');
    await expect(stat(hooks)).rejects.toThrow('ENOENT');
  });

  test('G10: a model that does not listen is blocked, with the refusal as evidence', async () => {
    const failure = (await board('reaching')).get('incorrigible')?.failure;
    expect(failure).toMatchObject({ type: 'Stalled' });
    expect(failure?.evidence).toContain('ReplyUnsafe: Refused: the path ../outside.txt');
    expect(failure?.next).toContain('gt bead log reaching/reaching/incorrigible');
  });

  test('a file that defines gates changes when the plan lists it as approved', async () => {
    expect(await town.repo.show('main', 'package.json')).toContain('sh check.sh && true');
  });
});

describe('G10: a gate that misbehaves is a named failure of its bead, and of no other', () => {
  let result: ConvoyResult;
  beforeAll(async () => {
    result = await rough;
  });

  test('those that stop it land, and so do all others', async () => {
    expect(result).toMatchObject({ landed: 5, blocked: 2 });
    for (const bead of ['hangs', 'floods', 'forks', 'fine', 'after']) {
      expect(await town.repo.show('main', `src/${bead}.txt`), bead).toBeDefined();
    }
  });

  test.each([
    ['hangs', /killed after its timeout of 6 s/],
    ['floods', /killed after \d+ KiB of output/],
  ])('%s: the model is told so', (bead, told) => {
    expect(promptsOf(bead)[1]).toMatch(told);
  });

  test.each([
    ['hangs-on', 'GateTimeout: check: killed after its timeout of 6 s'],
    ['floods-on', 'GateFlooded: check: killed after '],
  ])('%s: it is blocked, and says by what', async (bead, evidence) => {
    const failure = (await board('rough')).get(bead)?.failure;
    expect(failure).toMatchObject({ type: 'AttemptsExhausted' });
    expect(failure?.evidence).toContain(evidence);
    expect((await town.beadStatus('rough', bead)).lastFeedback).toContain(evidence);
  });

  test('G5: nothing that a gate started is alive, not even what left its session', async () => {
    await patiently(
      async () => [...(await processesWith('71717')), ...(await processesWith('72727'))],
      (alive) => alive.length === 0,
    );
  });
});

describe('G9: untrusted text stays text', () => {
  beforeAll(async () => {
    const { client, config } = town;
    const self = await markOf(process.pid);
    if (self === undefined) throw new Error('this process has no mark');
    await writeRecord(config.home, {
      name: config.name,
      namespace: client.options.namespace,
      address: inject('temporalAddress'),
      uiUrl: undefined,
      homeId: 'test',
      config: undefined,
      version: 'test',
      startedAt: new Date().toISOString(),
      state: 'open',
      pids: [{ ...self, role: 'supervisor' }],
    });
    await town.launch('loud', [{ id: 'shouts' }, { id: 'waits' }]);
    // A plan file is refused with such a title; whoever speaks to Temporal directly is not asked.
    const { createBlobs } = await import('../../activities/ledger/blobs.ts');
    const taskRef = await createBlobs(join(config.home, 'blobs')).put(`TASK-OF-titled.\n${hostile}\n`);
    const titled = { id: 'titled', title: hostile, taskRef, needs: ['waits'], files: [], gates: [] };
    await patiently(
      () => town.epicStatus('loud'),
      ({ beads }) => beads.length === 2,
    );
    await client.workflow
      .getHandle(workflowId.epic('loud', 'loud'))
      .executeUpdate('addBeads', { args: [[{ ...titled, approvedFiles: [] }]] });
    await patiently(
      () => town.epicStatus('loud'),
      ({ beads }) => beads[0]?.state === 'blocked',
    );
  }, 60_000);
  afterAll(() => held.resolve());

  const controls = /[^\P{Cc}\n\t]|\u202e/u;

  const said = async (...args: string[]): Promise<string> => {
    const { out, err } = await gt([...args, '--home', town.config.home], town.folder);
    expect(err).toBe('');
    expect(out).not.toBe('');
    return out;
  };

  test.each([
    ['gt status', ['status']],
    ['gt convoy status', ['convoy', 'status', 'loud']],
    ['gt bead show, of one that is blocked', ['bead', 'show', 'loud/loud/shouts']],
    ['gt bead show, of one with a hostile title', ['bead', 'show', 'loud/loud/titled']],
    ['gt bead show --json', ['bead', 'show', 'loud/loud/titled', '--json']],
    ['gt bead log --full', ['bead', 'log', 'loud/loud/shouts', '--full']],
    ['gt bead log --full --json', ['bead', 'log', 'loud/loud/shouts', '--full', '--json']],
  ])('%s prints no control character that a model, gate or plan wrote', async (_, args) => {
    expect(await said(...args)).not.toMatch(controls);
  });

  test('with --json programs get the very text', async () => {
    const answer = JSON.parse(await said('bead', 'show', 'loud/loud/titled', '--json')) as {
      data: BeadLine;
    };
    expect(answer.data.title).toBe(hostile);
  });

  test('the hostile words themselves are shown, so that nothing is hidden from people', async () => {
    expect(await said('bead', 'show', 'loud/loud/shouts')).toContain('http://evil.example');
  });

  test.each(['convoy', 'epic'] as const)(
    'the current details of the %s hold no live markdown, html or escape',
    async (kind) => {
      const id = { convoy: workflowId.convoy('loud'), epic: workflowId.epic('loud', 'loud') }[kind];
      const { currentDetails = '' } = await town.client.workflow
        .getHandle(id)
        .query<{ currentDetails?: string }>('__temporal_workflow_metadata');
      expect(currentDetails).not.toBe('');
      if (kind === 'epic') expect(currentDetails).toContain('free');
      expect(currentDetails).not.toMatch(controls);
      expect(currentDetails).not.toMatch(/<img|(?<!\\)\]\(|(?<!\\)\*\*b|https?:\/\//);
    },
  );

  test('a bead with such a title lands, with a subject and a summary of one plain line', async () => {
    held.resolve();
    await town.client.workflow.getHandle(workflowId.convoy('loud')).result();
    const id = workflowId.bead({ convoy: 'loud', epic: 'loud', bead: 'titled' });
    const { staticSummary } = await town.client.workflow.getHandle(id).describe();
    expect(await staticSummary()).toContain('free');
    expect(await staticSummary()).not.toMatch(controls);
    expect(await staticSummary()).not.toMatch(/<img|(?<!\\)\]\(/);
    const log = await town.repo.git('log', '--format=%B', 'main');
    expect(log).toContain('Bead: loud/loud/titled');
    expect(log).not.toMatch(controls);
  });
});
