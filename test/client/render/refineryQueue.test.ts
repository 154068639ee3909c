import { expect, test } from 'vitest';
import { laidOut } from '../../../client/answer.ts';
import { branchMeant } from '../../../client/queuedBranch.ts';
import { queuePage } from '../../../client/render/refineryQueue.ts';
import { runPage } from '../../../client/render/refineryRun.ts';
import { refinerySummary } from '../../../client/render/refinerySummary.ts';
import { terminalLike } from '../../../client/render/terminal.ts';
import { refineryLines } from '../../../client/render/townPage.ts';
import type { QueueRun, RefineryStatus } from '../../../workflows/domain/report/report.ts';

const wide = terminalLike({ columns: undefined, redraws: false, colour: false, timeZone: 'UTC' });
const narrow = terminalLike({ columns: 60, redraws: false, colour: false, timeZone: 'UTC' });
const now = Date.UTC(2026, 0, 31, 12, 0, 0);
const minute = 60_000;

const run: QueueRun = {
  ...{ run: 7, state: 'running', purpose: 'a first test', members: ['demo/core/one', 'demo/core/two'] },
  ...{ base: 'abcdef1234567890', since: now - minute },
};
const status: RefineryStatus = {
  ...{ rig: 'app', target: 'main', landed: 9, sentBack: 1, tip: 'abcdef1234567890', stopped: undefined },
  queue: [
    {
      ...{ bead: 'demo/core/one', attempt: 2, state: 'testing', run: 7, hotfix: true, priority: 5 },
      why: 'is tested in run 7 with demo/core/two: a first test',
      ...{ since: now - 3 * minute, testedSince: now - minute, landsAt: now + 2 * minute },
    },
    {
      ...{ bead: 'submission/app/fix', attempt: 1_763_740_000, state: 'waiting', since: now - minute },
      why: 'does not merge with demo/core/one, which is undecided: held until then',
    },
  ],
  runs: [run],
  counts: { tests: 12, wasted: 2, landings: 4, branches: 9, testsPerLanded: 12 / 9, meanWaitMs: 90_000 },
  ...{ slots: 4, usualRunMs: 2 * minute },
};

test('each branch is shown with why it waits, since when, and when it should land', () => {
  expect(queuePage(status, wide, now)).toEqual([
    'app main: 2 in the queue',
    '  testing demo/core/one (attempt 2), hotfix, priority 5',
    '    is tested in run 7 with demo/core/two: a first test, since 1 min',
    '    here since 3 min; should land in about 2 min (today 12:02)',
    '  waiting submission/app/fix',
    '    does not merge with demo/core/one, which is undecided: held until then',
    '    here since 1 min; when it lands is not known yet',
    '  Guessed from the tests that each still needs if nothing more fails: 2 min each, 4 at once.',
  ]);
});

test('lines fit the terminal, and G9: nothing that a name or a reason brings drives it', () => {
  const [first, ...others] = status.queue;
  const evil = { ...first, bead: 'demo/\u001b[2Jcore/one', why: 'x\u001b]0;title\u0007 y\nz' } as never;
  const told = { ...status, queue: [evil, ...others] };
  const answer = { data: undefined, lines: () => queuePage(told, narrow, now) };
  const lines = laidOut(answer, narrow);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(60);
  expect(lines.join('\n')).not.toContain('\u001b');
  expect(lines).toContain('    x y z, since 1 min');
});

test('a queue of before reasons were told shows states, and says why it has no more', () => {
  const { counts, runs, slots, usualRunMs, ...old } = status;
  const queue = [{ bead: 'demo/core/one', attempt: 1, state: 'waiting' as const }];
  expect(queuePage({ ...old, queue }, wide, now)).toEqual([
    'app main: 1 in the queue',
    '  waiting demo/core/one (attempt 1)',
    '  Why they wait is not known: an older version of the town runs this queue.',
  ]);
  expect(refinerySummary({ ...old, queue }, wide, now)).toHaveLength(2);
});

test('the summary has the tests that run and what they came to; a long queue is cut with the way to the rest', () => {
  expect(refinerySummary({ ...status, below: { least: 5, reason: 'release' } }, wide, now).slice(3)).toEqual([
    '  closed for priorities below 5: release; open it with: gt refinery resume app main',
    '  tests: 1 of 4 at once',
    '    run 7 since 1 min: a first test, 2 in it',
    '  so far: 12 tests and 2 cancelled; 9 landed in 4 landings',
    '  for each that landed: 1.33 tests, and a wait of 1 min 30 s',
  ]);
  const queue = Array.from({ length: 25 }, (_, at) => ({
    ...{ bead: `demo/core/b${at}`, attempt: 1, state: 'waiting' as const },
  }));
  const lines = refineryLines({ ...status, queue }, wide);
  expect(lines).toHaveLength(22);
  expect(lines.at(-1)).toBe('  … and 5 more: gt refinery queue app main');
});

test('a run is shown with what is in it, on which commit, and what came of it', () => {
  expect(runPage(status, run, { terminal: wide, now, output: undefined })).toEqual([
    'Run 7 of app main: is under way since 1 min',
    '  for: a first test',
    '  on: abcdef1234, where the target is',
    '  with:',
    '    demo/core/one',
    '    demo/core/two',
  ]);
  const failed: QueueRun = {
    ...{ run: 3, state: 'failed', purpose: 'one branch alone', members: ['demo/core/one'] },
    ...{ base: '1234567890abcdef', commit: 'fedcba0987654321', failures: ['test: 2 failed\u001b[2J'] },
  };
  expect(runPage(status, failed, { terminal: wide, now, output: '/home/blobs/aa/aab' })).toEqual([
    'Run 3 of app main: failed',
    '  for: one branch alone',
    '  on: 1234567890',
    '  as: fedcba0987',
    '  with:',
    '    demo/core/one',
    '  test: 2 failed',
    '  Its output: /home/blobs/aa/aab',
  ]);
});

const queued = [
  { rig: 'app', target: 'main', bead: 'demo/core/one' },
  { rig: 'app', target: 'main', bead: 'submission/app/fix' },
  { rig: 'api', target: 'main', bead: 'submission/api/fix' },
  { rig: 'api', target: 'main', bead: 'submission/api/fix-login-ad9e4f33' },
];

test.each([
  ['demo/core/one', 'demo/core/one'],
  ['bead/demo/core/one', 'demo/core/one'],
  ['submission/api/fix', 'submission/api/fix'],
])('a branch in a queue is found by the name %s', (name, bead) => {
  expect(branchMeant(name, queued).bead).toBe(bead);
});

test('G10: a name that is in no queue, or in several, is told with those that there are', () => {
  expect(() => branchMeant('demo/core/won', queued)).toThrow(/Did you mean demo\/core\/one/);
  expect(() => branchMeant('fix', queued)).toThrow(/in several merge queues/);
});
