import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exitCode } from '../../client/exitCodes.ts';
import { nearName, unknownName } from '../../client/unknownName.ts';
import { filesReply, type TestTown } from '../support/town.ts';
import { gt, type Ran } from './gtProcess.ts';
import { openGtTown } from './gtTown.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;

beforeAll(async () => {
  town = await openGtTown({ reply: (bead) => filesReply({ [`src/${bead}.txt`]: `${bead}\n` }) });
  const { handle } = await town.launch('night', [{ id: 'lamp' }, { id: 'lantern' }]);
  await handle.result();
});
afterAll(() => town?.[Symbol.asyncDispose]());

const run = (...args: string[]): Promise<Ran> => gt(args, town.folder);

test.each([
  ['a letter off', 'demo/core/parsr', ['demo/core/lexer', 'demo/core/parser'], 'demo/core/parser'],
  ['a branch without what the town puts before it', 'app main', ['app gastown/main'], 'app gastown/main'],
  ['the only queue of its rig', 'app master', ['api main', 'app trunk'], 'app trunk'],
  ['a rig and nothing else', 'ap', ['app main', 'web main'], 'app main'],
  ['nothing alike', 'zebra', ['night', 'demo'], undefined],
])('G10: of the names that there are the one that was meant is found: %s', (_, name, known, meant) => {
  expect(nearName(name, known)).toBe(meant);
});

test('G10: many names are told as some of them and a count, and none as none', () => {
  const known = Array.from({ length: 40 }, (_, at) => `convoy-${at}`);
  const { trouble } = unknownName({ noun: 'convoy', name: 'x', known, see: 'gt convoy list' });
  expect(trouble.evidence).toMatch(/^the town has: convoy-0, .*convoy-11 and 28 more$/);
  const none = unknownName({ noun: 'convoy', name: 'x', known: [], see: 'gt convoy list' });
  expect(none.trouble.evidence).toBe('the town has none');
});

test('G9: a name that would drive a terminal is told as text', () => {
  const { trouble } = unknownName({
    ...{ noun: 'merge queue', name: 'app \u001b[2Jmain', known: ['app \u001b[2Jmain2'] },
    see: 'gt refinery status',
  });
  expect(JSON.stringify(trouble)).not.toContain('\u001b');
});

const unknown: readonly (readonly [args: readonly string[], told: RegExp])[] = [
  [['convoy', 'status', 'nigth'], /no convoy named nigth\. Did you mean night\?/],
  [['convoy', 'watch', 'nigth'], /Did you mean night\?/],
  [['report', 'nigth'], /Did you mean night\?/],
  [['resume', 'nigth'], /Did you mean night\?/],
  [['budget', 'raise', 'nigth', '5'], /Did you mean night\?/],
  [['cancel', 'nigth/night/lamp'], /no convoy named nigth\. Did you mean night\?/],
  [['handoff', 'night/nigth'], /no epic named night\/nigth\. Did you mean night\/night\?/],
  [
    ['bead', 'show', 'night/night/lamb'],
    /no bead named night\/night\/lamb\. Did you mean night\/night\/lamp\?/,
  ],
  [['bead', 'show', 'night/lamp'], /takes CONVOY\/EPIC\/BEAD\. Did you mean night\/night\/lamp\?/],
  [['bead', 'log', 'night/night/lamb'], /Did you mean night\/night\/lamp\?/],
  [['bead', 'log', 'night/night/lamb', '-f'], /Did you mean night\/night\/lamp\?/],
  [['bead', 'diff', 'night/night/lamb'], /Did you mean night\/night\/lamp\?/],
  [['capture', 'night/night/lamb'], /the town has: night\/night\/lamp, night\/night\/lantern/],
  [['refinery', 'pause', 'rig', 'mian'], /no merge queue named rig mian\. Did you mean rig main\?/],
  [['refinery', 'resume', 'rigg'], /no merge queue named rigg\. Did you mean rig main\?/],
  [['plan', 'show', 'nigth'], /no plan named nigth\./],
  [['rig', 'remove', 'rgi'], /Did you mean rig\?/],
  [['host', 'check', 'hots'], /Did you mean host\?/],
];

test.each(unknown)('G10: gt %j refuses, and says which names there are', async (args, told) => {
  const ran = await run(...args);
  expect(ran).toMatchObject({ code: exitCode.badInput, out: '', err: expect.stringMatching(told) });
  expect(ran.err).toContain('Next: ');
});

test('a merge queue needs no branch where its rig has one', async () => {
  expect((await run('refinery', 'pause', 'rig')).out).toContain('rig main: ');
  expect((await run('refinery', 'resume', 'rig')).out).toContain('rig main: ');
});

test('G10: a budget of the day that is not there is not raised, and how to have one is said', async () => {
  const ran = await run('budget', 'raise-day', '5000');
  expect(ran).toMatchObject({ code: exitCode.refused, out: '' });
  expect(ran.err).toMatch(
    /^Refused: The day has no budget[\s\S]*tokensPerDay is not set\.\nNext: To limit them/,
  );
});
