import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCode } from '../../client/exitCodes.ts';
import { folderWith, gt, planFile, townFile } from './gtProcess.ts';

let folder: string;
let bare: string;
beforeAll(async () => {
  folder = await folderWith({
    'gastown.yaml': townFile,
    'plan.yaml': planFile,
    'cycle.yaml': planFile.replace('task: Write one.', 'task: Write one.\n    needs: [two]'),
    'broken.yaml': 'convoy: [',
  });
  bare = await folderWith({ 'bad.yaml': townFile.replace('openai', 'opnai') });
});
afterAll(async () => {
  for (const one of [folder, bare]) await rm(one, { recursive: true, force: true });
});

describe('a wrong command line ends with 2 and says what to do', () => {
  test.each([
    [['cnvoy'], 'Did you mean convoy'],
    [['convoy', 'lanch', 'plan.yaml'], 'Did you mean launch'],
    [['convoy', 'launch'], "missing required argument 'plan'"],
    [['status', '--jsn'], 'Did you mean --json'],
    [['stop'], 'gt stop --all'],
    [['resume'], 'gt resume --all'],
    [['stop', 'demo', '--all'], 'gt stop --all'],
    [['bead', 'show', 'demo'], 'CONVOY/EPIC/BEAD'],
    [['handoff', 'Demo/Core'], 'a-z, 0-9 and -'],
    [['pause', 'demo/core/one'], 'CONVOY'],
    [['convoy', 'set-parallel', 'demo/core', 'many'], 'a whole number'],
    [['up', '--grace', '-3'], 'a whole number'],
    [['bead', 'log', 'demo/core/one', '--turn', 'x'], 'a whole number'],
    [['refinery', 'pause'], 'Usage: gt refinery pause [options] <rig> [branch]'],
  ])('gt %j', async (args, says) => {
    const ran = await gt(args, folder);
    expect(ran).toMatchObject({ code: exitCode.badInput, out: '', err: expect.stringContaining(says) });
    expect(ran.err).toContain('Next: ');
  });
});

describe('bad files end with 2, with line and column, and nothing is started', () => {
  test('a configuration with a mistake', async () => {
    const ran = await gt(['status', '--config', 'bad.yaml'], bare);
    expect(ran).toMatchObject({
      code: 2,
      err: expect.stringMatching(/bad\.yaml:\d+:\d+: hosts\.desk\.kind/),
    });
  });

  test.each([
    ['cycle.yaml', /cycle\.yaml:\d+:\d+: .*one.*two/],
    ['broken.yaml', /broken\.yaml:\d+:\d+/],
    ['missing.yaml', /missing\.yaml: there is no such file/],
  ])('the plan %s', async (plan, says) => {
    const ran = await gt(['convoy', 'launch', plan], folder);
    expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(says) });
  });

  test('a name that no convoy can have', async () => {
    const ran = await gt(
      ['convoy', 'launch', 'plan.yaml', '--convoy', 'Not/a Slug', '--print-input'],
      folder,
    );
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('at most 40 characters') });
  });
});

describe('a town that is not there', () => {
  test('no gastown.yaml here or above ends with 2', async () => {
    expect(await gt(['status'], bare)).toMatchObject({
      code: 2,
      err: expect.stringContaining('no gastown.yaml'),
    });
  });

  test.each([
    [['status']],
    [['convoy', 'list']],
    [['convoy', 'launch', 'plan.yaml']],
    [['bead', 'show', 'demo/demo/one']],
    [['stop', '--all', '--now']],
    [['refinery', 'status']],
  ])('gt %j of a closed town ends with 3 and names `gt up`', async (args) => {
    expect(await gt(args, folder)).toMatchObject({ code: 3, err: expect.stringContaining('`gt up`') });
  });

  test('with --json a wrong command line is data, too', async () => {
    const ran = await gt(['cnvoy', '--json'], folder);
    expect(JSON.parse(ran.out)).toMatchObject({ error: { type: 'BadCommandLine' }, meta: { exitCode: 2 } });
  });

  test('closing a closed town is no error', async () => {
    expect(await gt(['down'], folder)).toMatchObject({ code: 0, out: 'The town was not open.' });
  });

  test('with --json the same trouble is data', async () => {
    const ran = await gt(['status', '--json'], folder);
    expect(JSON.parse(ran.out)).toMatchObject({
      data: null,
      error: { type: 'TownDown' },
      meta: { exitCode: 3 },
    });
  });

  test('GASTOWN_HOME and --home name it as well', async () => {
    const env = { GASTOWN_HOME: join(folder, 'home') };
    expect(await gt(['status'], bare, env)).toMatchObject({
      code: 3,
      err: expect.stringContaining(env.GASTOWN_HOME),
    });
    const ran = await gt(['status', '--home', 'elsewhere'], bare);
    expect(ran).toMatchObject({ code: 3, err: expect.stringContaining(join(bare, 'elsewhere')) });
  });
});

describe('what needs no town', () => {
  test('a dry run shows beads, waves and the critical path, as text and as JSON', async () => {
    const text = await gt(['convoy', 'launch', 'plan.yaml', '--dry-run'], folder);
    expect(text).toMatchObject({ code: 0, err: '' });
    expect(text.out).toMatch(/Wave 2[\s\S]*two[\s\S]*one → two/);
    const { data, meta } = JSON.parse(
      (await gt(['convoy', 'launch', 'plan.yaml', '--dry-run', '--json'], folder)).out,
    );
    expect(data).toMatchObject({ convoy: 'demo', beads: 2 });
    expect(meta).toEqual({ dryRun: true, exitCode: 0 });
  });

  test('the input of the workflow is printed for the plain temporal command line', async () => {
    const ran = await gt(['convoy', 'launch', 'plan.yaml', '--print-input', '--convoy', 'other'], folder);
    expect(JSON.parse(ran.out)).toMatchObject({
      convoy: 'other',
      epics: [{ beads: [{ id: 'one' }, { id: 'two' }] }],
    });
  });

  test('G10: a bead of which a closed town has nothing is refused, with those that it has', async () => {
    await mkdir(join(folder, 'home/transcripts/demo/demo'), { recursive: true });
    await writeFile(join(folder, 'home/transcripts/demo/demo/two.jsonl'), '');
    expect(await gt(['bead', 'log', 'demo/demo/tow'], folder)).toMatchObject({
      code: exitCode.badInput,
      out: '',
      err: expect.stringMatching(
        /no bead named demo\/demo\/tow\. Did you mean demo\/demo\/two\?[\s\S]*Next: See what has called a model with `gt costs CONVOY`/,
      ),
    });
  });

  test('help explains its words, has examples, and lists the exit codes', async () => {
    const { out } = await gt(['--help'], folder);
    for (const words of ['beads (tasks)', 'polecat (worker agent)', 'rig (repository)', 'Examples:']) {
      expect(out.replaceAll(/\s+/g, ' ')).toContain(words);
    }
    const codes = (await gt(['help', 'exit-codes'], folder)).out;
    for (const code of Object.values(exitCode)) expect(codes).toMatch(new RegExp(`^ *${code}  `, 'm'));
  });

  test('--version says the version of the package', async () => {
    expect(await gt(['--version'], folder)).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\./) });
  });

  test('no help tears a command in backticks, and groups have examples, too', async () => {
    for (const words of [['convoy', 'launch'], ['stop'], ['bead'], ['budget'], ['host'], ['refinery']]) {
      const { out } = await gt([...words, '--help'], folder);
      expect(out).toContain('Example');
      for (const line of out.split('\n')) {
        expect(line.split('`').length % 2, line).toBe(1);
        expect(line.length, line).toBeLessThanOrEqual(80);
      }
    }
  });

  test('the help of a command has examples', async () => {
    const ran = await gt(['help', 'convoy', 'launch'], folder);
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('Examples:\n  gt convoy launch') });
  });
});
