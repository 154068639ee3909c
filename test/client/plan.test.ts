/** `gt convoy launch EPIC.md` and `gt plan` as processes of their own, against a whole town with a scripted mayor. */
import { spawn } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { exitCode } from '../../client/exitCodes.ts';
import { clockText, wallClock } from '../../workflows/domain/clock.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { planReply } from '../support/plannerHost.ts';
import { filesReply, type TestTown } from '../support/town.ts';
import { folderWith, gt, type Ran, townFile } from './gtProcess.ts';
import { openGtTown } from './gtTown.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
const script = new Map<string, string>();

beforeAll(async () => {
  town = await openGtTown({
    reply: (bead, call) => {
      const text = call.messages.map(({ content }) => content).join('\n');
      if (!text.includes('You are the mayor'))
        return filesReply({ [`src/${bead}.txt`]: bead === 'broken' ? 'BROKEN\n' : `${bead}\n` });
      return script.get(/EPIC-OF-([a-z0-9-]+)/.exec(text)?.[1] ?? '') ?? 'not scripted';
    },
    config: (config) => {
      const limits = { bead: { attempts: 1 } };
      return { ...config, limits, roles: { mayor: 'model', polecat: 'model' } };
    },
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

const run = (...args: string[]): Promise<Ran> => gt(args, town.folder);
const epic = async (name: string, reply: string): Promise<string> => {
  script.set(name, reply);
  await writeFile(join(town.folder, `${name}.md`), `# Goal of ${name}\n\nEPIC-OF-${name}\n`);
  return `${name}.md`;
};
const resultOf = (convoy: string) => town.client.workflow.getHandle(workflowId.convoy(convoy)).result();

test('in a pipe the plan waits, shows what there is to decide on, and is approved by a command', async () => {
  const file = await epic(
    'piped',
    planReply([{ id: 'one' }, { id: 'two', files: ['src/one.txt'] }], 'Two things'),
  );
  const launched = await run('convoy', 'launch', file);
  expect(launched.code).toBe(exitCode.ok);
  expect(launched.err).toMatch(/mayor \(model\)/);
  expect(launched.out).toContain('Convoy piped: Two things (2 beads');
  expect(launched.out).toContain('Wave 1');
  expect(launched.out).toContain('Critical path (1 landing)');
  expect(launched.out).toMatch(/- two: it and one name src\/one\.txt and neither needs the other/);
  expect(launched.out).toContain('Drafted by model from piped.md for rig rig: 1 turn');
  expect(launched.out).toContain('gt plan approve piped');

  expect((await run('plan', 'list')).out).toMatch(/piped waiting: Goal of piped \(2 beads/);
  expect((await run('plan', 'show', 'piped', '--yaml')).out).toMatch(
    /^convoy: piped\ntitle: Two things\nrig: rig\nbeads:/,
  );
  expect(JSON.parse((await run('plan', 'show', 'piped', '--json')).out)).toMatchObject({
    data: { state: 'waiting', draft: { beads: 2 }, plan: expect.stringContaining('title: Two things') },
  });
  expect(await run('plan', 'approve', 'piped')).toMatchObject({
    code: exitCode.ok,
    out: expect.stringContaining('Convoy piped has started: 2 beads'),
  });
  expect(await resultOf('piped')).toMatchObject({ landed: 2 });
  expect(await run('plan', 'approve', 'piped')).toMatchObject({
    code: exitCode.refused,
    err: expect.stringContaining('was launched already'),
  });
  // The same epic again is the same plan again, without a token for the mayor.
  const calls = town.host.requests.length;
  const again = await run('convoy', 'launch', file);
  expect(again.out).toContain('The plan of this epic was launched before');
  expect(await resultOf('piped')).toMatchObject({ landed: 2 });
  expect(town.host.requests.length).toBe(calls);
  const log = await run('bead', 'log', 'piped/plan/mayor');
  expect(log.out).toMatch(/turn 1 {2}model on host .* stop/);
});

test('--yes launches a clean plan and --watch follows it; with --json all of it is data', async () => {
  const file = await epic('clean', planReply([{ id: 'three' }]));
  const ran = await run('convoy', 'launch', file, '--yes', '--watch', '--convoy', 'tidy', '--json');
  expect(ran).toMatchObject({ code: exitCode.ok, err: '' });
  const [first = '', ...rest] = ran.out.split('\n');
  expect(JSON.parse(first)).toMatchObject({ data: { convoy: 'tidy' } });
  expect(rest.join('\n')).toContain('"landed"');
});

test('a time to run until counts from the approval; the report has the mayor in a row of its own; G10: the next step is the plan that can be changed', async () => {
  const file = await epic('timed', planReply([{ id: 'eleven' }, { id: 'broken' }]));
  const { timeZone } = town.config;
  const clock = clockText((wallClock(timeZone)(Date.now()) + 360) % 1_440);
  const launched = await run('convoy', 'launch', file, '--until', clock);
  expect(launched.out).toContain(`once approved it runs until the next ${clock}`);
  const approved = await run('plan', 'approve', 'timed');
  expect(approved.out).toMatch(
    new RegExp(
      `\nAt \\S+ ${clock} \\(${timeZone}, in [56] h.*\\) it finishes the turns under way and parks\\.\n`,
    ),
  );
  expect(await resultOf('timed')).toMatchObject({ landed: 1, blocked: 1 });
  expect((await run('convoy', 'status', 'timed')).out.replaceAll(/\s+/g, ' ')).toContain(
    'gt plan show timed --yaml > plan.yaml;',
  );
  const { out } = await run('report', 'timed');
  // The plan, and the other plan that the blocked bead asked it for, in two turns.
  expect(out).toMatch(/\n {2}mayor {4}model +3 +0 /);
  expect(out).toMatch(/tokens, and [\d.k]+ by the mayor for the plan$/m);
  expect(out).not.toContain('in earlier launches');
});

test('G9: --yes does not launch what raises an alarm, and says why', async () => {
  const file = await epic(
    'alarming',
    planReply([{ id: 'four', task: 'Now run: sudo rm -rf / && git push --force' }]),
  );
  const ran = await run('convoy', 'launch', file, '--yes');
  expect(ran.code).toBe(exitCode.failed);
  expect(ran.out).toContain('! four: its text removes files by a command');
  expect(ran.out).toContain('not launched although --yes was given');
  expect(await run('plan', 'reject', 'alarming', '--reason', 'no')).toMatchObject({ code: exitCode.ok });
  expect((await run('plan', 'show', 'alarming')).out).toContain('It was rejected: no');
  expect(await run('plan', 'reject', 'alarming')).toMatchObject({ code: exitCode.refused });
});

test.runIf(process.platform === 'linux')(
  'on a terminal of 80 columns a person edits, is told of mistakes, and approves; nothing is wider than the screen',
  async () => {
    const file = await epic(
      'asked',
      planReply([{ id: 'nine' }, { id: 'ten' }], 'A title that goes on and on '.repeat(4)),
    );
    const editor = join(town.folder, 'editor.sh');
    // The first time a mistake, the second time a repair.
    await writeFile(
      editor,
      'grep -q "id: ten" "$1" && sed -i "s/id: ten/id: nine/" "$1" || sed -i "0,/id: nine/! s/id: nine/id: eleven/" "$1"\n',
    );
    const screen = await onTerminal(['convoy', 'launch', file], { EDITOR: `sh ${editor}` }, [
      ['eave it waiting? ', 'what?'],
      ['eave it waiting? ', 'e'],
      ['rop the changes? ', 'e'],
      ['eave it waiting? ', 'a'],
    ]);
    expect(screen).toContain('Please answer a, e, r or l.');
    expect(screen).toContain('used twice');
    expect(screen).toContain('Convoy asked has started: 2 beads');
    expect(await resultOf('asked')).toMatchObject({ landed: 2 });
    expect((await run('plan', 'show', 'asked', '--yaml')).out).toContain('id: eleven');
    const wide = screen.split(/\r?\n/).filter((line) => [...stripVTControlCharacters(line)].length > 80);
    expect(wide.filter((line) => !line.includes('asked.yaml:'))).toEqual([]);

    const left = await onTerminal(
      ['convoy', 'launch', await epic('left', planReply([{ id: 'twelve' }]))],
      {},
      [['eave it waiting? ', '\u0003']],
    );
    expect(left).toContain('The plan waits.');
    expect((await run('plan', 'list')).out).toContain('left waiting');
    await run('plan', 'reject', 'left');
  },
);

/** Runs `gt` in a terminal of its own and answers each prompt when it stands there. */
const onTerminal = async (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  answers: readonly (readonly [prompt: string, answer: string])[],
): Promise<string> => {
  const script = fileURLToPath(new URL('../../client/gt.ts', import.meta.url));
  const command = ['stty cols 80 rows 50;', process.execPath, script, ...args].join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: town.folder,
    env: { PATH: process.env['PATH'], HOME: town.folder, TERM: 'xterm', SHELL: '/bin/sh', ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let screen = '';
  let seen = 0;
  const open = [...answers];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    const [next] = open;
    const at = next === undefined ? -1 : screen.indexOf(next[0], seen);
    if (next === undefined || at < 0) return;
    open.shift();
    seen = at + next[0].length;
    child.stdin.write(next[1].startsWith('\u0003') ? next[1] : `${next[1]}\r`);
  });
  await new Promise((resolve) => child.once('close', resolve));
  expect(open).toEqual([]);
  return screen;
};

describe('editing', () => {
  const editor = async (name: string, body: string): Promise<NodeJS.ProcessEnv> => {
    await mkdir(join(town.folder, 'bin dir'), { recursive: true });
    const path = join(town.folder, 'bin dir', name);
    await writeFile(path, `#!/bin/sh\n${body}\n`);
    await chmod(path, 0o755);
    return { EDITOR: `'${path}' --wait` };
  };

  test('`gt plan edit` opens $EDITOR with its arguments; a sound plan is taken, a bad one or none is not', async () => {
    const file = await epic('edited', planReply([{ id: 'five' }, { id: 'six' }]));
    await run('convoy', 'launch', file);
    // $1 is --wait: the file comes last.
    const bad = await gt(
      ['plan', 'edit', 'edited'],
      town.folder,
      await editor('bad', 'sed -i s/five/six/ "$2"'),
    );
    expect(bad).toMatchObject({ code: exitCode.badInput, err: expect.stringContaining('used twice') });
    const none = await gt(['plan', 'edit', 'edited'], town.folder, { EDITOR: 'true' });
    expect(none).toMatchObject({ code: exitCode.ok, out: expect.stringContaining('Nothing was changed') });
    const nobody = await gt(['plan', 'edit', 'edited'], town.folder, { EDITOR: '', VISUAL: '' });
    expect(nobody).toMatchObject({
      code: exitCode.badInput,
      out: '',
      err: expect.stringContaining('--file'),
    });
    const fails = await gt(['plan', 'edit', 'edited'], town.folder, { EDITOR: 'false' });
    expect(fails).toMatchObject({ code: exitCode.failed, err: expect.stringContaining('exit status 1') });
    const good = await gt(
      ['plan', 'edit', 'edited'],
      town.folder,
      await editor('good', 'sed -i s/five/seven/ "$2"'),
    );
    expect(good).toMatchObject({ code: exitCode.ok, out: expect.stringContaining('seven') });
    const text = (await run('plan', 'show', 'edited', '--yaml')).out;
    await writeFile(join(town.folder, 'better.yaml'), text.replaceAll('six', 'eight'));
    expect((await run('plan', 'edit', 'edited', '--file', 'better.yaml')).out).toContain('eight');
    await run('plan', 'approve', 'edited');
    expect(await resultOf('edited')).toMatchObject({ landed: 2 });
    expect(await town.repo.show('main', 'src/eight.txt')).toBe('eight\n');
  });
});

describe('G10: what a stranger can get wrong ends with 2 and says what to do; no model is asked', () => {
  let calls: number;
  beforeAll(() => {
    calls = town.host.requests.length;
  });
  afterAll(() => expect(town.host.requests.length).toBe(calls));

  test.each([
    ['huge.md', 'x'.repeat(1_048_576), /too large for an epic: 1024 KiB, and at most \d+ KiB are taken/],
    ['empty.md', ' \n\n', /is empty/],
    ['binary.txt', 'a\u0000b', /is binary/],
    ['missing.md', undefined, /does not exist/],
    ['日本.md', '# 計画\n', /No name for the convoy/],
  ])('the epic %s', async (name, text, says) => {
    if (text !== undefined) await writeFile(join(town.folder, name), text);
    const ran = await run('convoy', 'launch', name);
    expect(ran).toMatchObject({ code: exitCode.badInput, out: '', err: expect.stringMatching(says) });
    expect(ran.err).toContain('Next: ');
  });

  test('an epic that is not UTF-8, and a folder', async () => {
    await writeFile(join(town.folder, 'latin.md'), Buffer.from([0x23, 0x20, 0xe4, 0xf6, 0x0a]));
    await mkdir(join(town.folder, 'folder.md'), { recursive: true });
    expect(await run('convoy', 'launch', 'latin.md')).toMatchObject({
      code: 2,
      err: expect.stringContaining('not UTF-8'),
    });
    expect(await run('convoy', 'launch', 'folder.md')).toMatchObject({
      code: 2,
      err: expect.stringContaining('is a folder'),
    });
  });

  test('flags that need a plan, an unknown rig, a plan that nobody made', async () => {
    const file = await epic('flags', 'never asked');
    expect(await run('convoy', 'launch', file, '--dry-run')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--dry-run is for plans in YAML'),
    });
    expect(await run('convoy', 'launch', file, '--print-input')).toMatchObject({ code: 2 });
    expect(await run('convoy', 'launch', file, '--rig', 'rgi')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--rig rig'),
    });
    for (const command of ['show', 'approve', 'reject', 'edit']) {
      expect(await run('plan', command, 'nobody')).toMatchObject({
        code: 2,
        err: expect.stringContaining('no plan named nobody'),
      });
    }
    expect(await run('plan', 'show', 'Not/Good/At/All')).toMatchObject({ code: 2 });
  });

  test('no mayor, and a rig of which nothing may leave', async () => {
    const folder = await folderWith({
      'gastown.yaml': townFile,
      'EPIC.md': '# A goal\n',
    });
    expect(await gt(['convoy', 'launch', 'EPIC.md'], folder)).toMatchObject({
      code: 2,
      err: expect.stringContaining('roles.mayor is not set'),
    });
    const elsewhere = 'roles:\n  mayor: {provider: gemini, model: gemini-x, apiVersion: v1beta}\n';
    await writeFile(join(folder, 'gastown.yaml'), townFile + elsewhere);
    const ran = await gt(['convoy', 'launch', 'EPIC.md'], folder);
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('rigs.app.cloud is never') });
  });
});
