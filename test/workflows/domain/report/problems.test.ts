import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problemLines } from '../../../../client/render/problems.ts';
import { terminalLike } from '../../../../client/render/terminal.ts';
import { type Failure, type FailureType, failureKinds } from '../../../../workflows/domain/failure.ts';
import { noUsage } from '../../../../workflows/domain/host/model.ts';
import type { Letter } from '../../../../workflows/domain/mail/mailbox.ts';
import { rankOf } from '../../../../workflows/domain/mail/severity.ts';
import { commandIn, problemsOf, type TownState } from '../../../../workflows/domain/report/problems.ts';
import type {
  BeadLine,
  BeadStatus,
  ConvoyStatus,
  RefineryStatus,
} from '../../../../workflows/domain/report/report.ts';

const quiet: TownState = {
  convoys: [],
  beads: [],
  plans: [],
  refineries: [],
  hosts: [],
  town: undefined,
  silent: [],
};

const failure = (type: FailureType, more: Partial<Failure> = {}): Failure => ({
  type,
  what: `${type} happened.`,
  evidence: 'line one\nerror: the cause\nline three',
  next: 'Do this: gt bead log demo/core/two; or something else.',
  ...more,
});

const line = (bead: string, more: Partial<BeadLine> = {}): BeadLine => ({
  ...{ bead, title: `Do ${bead}`, state: 'landed', wave: 0, needs: [], commit: undefined },
  ...{ nothingToChange: false, polecat: 'ash', model: 'coder', turns: 2, tokens: 10, ms: 5 },
  failure: undefined,
  ...more,
});

const convoy = (beads: readonly BeadLine[], more: Partial<ConvoyStatus> = {}): ConvoyStatus => ({
  ...{ convoy: 'demo', title: 'A demo', planHash: 'p', state: 'running', failure: undefined },
  rigs: [{ rig: 'app', target: 'main', takeOver: undefined, sandbox: 'off' }],
  epics: [
    {
      ...{ convoy: 'demo', epic: 'core', rig: 'app', target: 'main', paused: undefined },
      ...{ maxParallel: 4, waves: 1, beads },
    },
  ],
  tokens: { granted: undefined, spent: 0 },
  ...more,
});

const queue = (stopped: Failure | undefined): RefineryStatus => ({
  ...{ rig: 'app', target: 'main', queue: [], landed: 1, sentBack: 0, tip: undefined, stopped },
});

const letter = (id: number, about: string, type: FailureType, more: Partial<Letter> = {}): Letter => ({
  ...{ id, about, failure: failure(type), at: 1_000 * id },
  ...more,
});

const mail = (...mailbox: readonly Letter[]): TownState['town'] => ({
  day: '',
  tokens: { perDay: undefined, granted: 0 },
  mailbox,
});

const status = (bead: string, more: Partial<BeadStatus>): BeadStatus =>
  ({
    ...{ bead, title: bead, state: 'inferring' },
    spent: { turns: 1, usage: noUsage, wallMs: 0, attempts: 0 },
    caps: { turns: 12, tokens: 1_000, wallMs: 60_000, attempts: 5 },
    ...more,
  }) as BeadStatus;

const terminal = terminalLike({ columns: 80, redraws: false, colour: false, timeZone: 'UTC' });

test('a town in which all is well has no problem, and says so in one line', () => {
  expect(problemsOf(quiet)).toEqual([]);
  expect(problemsOf({ ...quiet, convoys: [convoy([line('one')])] })).toEqual([]);
  expect(problemLines([], terminal)).toEqual(['Nothing needs you.']);
});

test('what holds up all comes before what holds up one, and what waits for a decision comes last', () => {
  const found = problemsOf({
    ...quiet,
    convoys: [
      convoy(
        [
          line('one', { state: 'blocked', failure: failure('AttemptsExhausted') }),
          line('two', { state: 'parked' }),
        ],
        {
          tokens: { granted: 100, spent: 90 },
        },
      ),
    ],
    refineries: [queue(failure('BaseRed'))],
    silent: [{ workflow: 'host/desk', trouble: { ...failure('HostDown'), type: 'WorkflowStuck' } }],
    hosts: [
      {
        host: 'desk',
        open: [],
        closed: [{ model: 'm', failure: failure('HostDown'), terminal: false }],
        attempt: 2,
      },
    ],
    town: mail(letter(4, 'telling you of x', 'NotifyFailed')),
  });
  expect(found.map(({ kind, about }) => [kind, about[0]])).toEqual([
    ['silent', 'host/desk'],
    ['stopped', 'the merge queue of app main'],
    ['silent', 'host desk'],
    ['overBudget', 'demo'],
    ['stuck', 'demo/core/one'],
    ['escalated', 'telling you of x'],
    ['waits', 'demo/core/two'],
  ]);
});

test('a bead that its board and a letter tell of is one problem, as old and as pressing as its letter', () => {
  const blocked = line('one', { state: 'blocked', failure: failure('AttemptsExhausted') });
  const state = { ...quiet, convoys: [convoy([blocked])] };
  const told = {
    ...state,
    town: mail(letter(7, 'demo/core/one', 'AttemptsExhausted', { severity: 'critical' })),
  };
  expect(problemsOf(told)).toMatchObject([
    { about: ['demo/core/one'], severity: 'critical', since: 7_000, letter: 7 },
  ]);
  const noted = mail(letter(7, 'demo/core/one', 'AttemptsExhausted', { acknowledged: 9_000 }));
  expect(problemsOf({ ...state, town: noted })).toMatchObject([{ severity: 'info', acknowledged: true }]);
});

test('a host that is gone blocks many beads, and is told once with all of them', () => {
  const beads = ['a', 'b', 'c', 'd', 'e'].map((bead) =>
    line(bead, { state: 'blocked', failure: failure('ModelUnavailable') }),
  );
  const [one, ...others] = problemsOf({ ...quiet, convoys: [convoy(beads)] });
  expect(others).toEqual([]);
  expect(one?.about).toHaveLength(5);
  expect(problemLines(one === undefined ? [] : [one], terminal)[0]).toContain('demo/core/c and 2 more');
});

test('letters to others, messages without a severity and what passes by itself need nobody', () => {
  const town = mail(
    letter(1, 'from ci', 'Message'),
    letter(2, 'from ci', 'Message', { to: 'crew/app', severity: 'critical' }),
    letter(3, 'demo', 'PlanWaits', { acknowledged: 5 }),
  );
  const beads = [status('demo/core/a', { waiting: { since: 1, failure: failure('HostQuiet') } })];
  expect(problemsOf({ ...quiet, town, beads })).toEqual([]);
  expect(
    problemsOf({ ...quiet, town: mail(letter(1, 'from ci', 'Message', { severity: 'warning' })) }),
  ).toMatchObject([{ kind: 'escalated', command: 'gt escalations ack 1' }]);
});

test('a bead that waits for a host, or goes round in circles, is stuck, with what helps', () => {
  const beads = [
    status('demo/core/a', { waiting: { since: 5, failure: failure('HostDown') } }),
    status('demo/core/b', { stall: 'the same reply, 2 times' }),
  ];
  expect(problemsOf({ ...quiet, beads })).toMatchObject([
    { kind: 'stuck', severity: 'warning', about: ['demo/core/a'], since: 5 },
    { kind: 'stuck', severity: 'info', about: ['demo/core/b'], command: 'gt bead log demo/core/b' },
  ]);
});

describe('the command to type', () => {
  test.each([
    ['Raise the cap and go on: gt resume demo/core/a --turns N', 'gt resume demo/core/a --turns N'],
    ['Read it with: gt plan show demo; then gt plan approve demo.', 'gt plan show demo'],
    ['Start it again: `gt down`, then `gt up`.', 'gt down'],
    ['See it (gt refinery status), and mend the branch.', 'gt refinery status'],
    ['Nothing to do.', undefined],
  ])('is the first of the advice: %s', (next, command) => {
    expect(commandIn(next)).toBe(command);
  });
});

test('G9: whatever beads and letters say, no line is wider than the terminal but for a command, and none drives it', () => {
  const types = Object.keys(failureKinds) as FailureType[];
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          type: fc.constantFrom(...types),
          what: fc.string({ unit: 'grapheme', maxLength: 300 }),
          evidence: fc.string({ unit: 'binary', maxLength: 300 }),
        }),
        { maxLength: 12 },
      ),
      (all) => {
        const letters = all.map((one, at) =>
          letter(at + 1, `bead ${at} \x1b[31m`, one.type, {
            failure: failure(one.type, { ...one, next: 'gt inbox' }),
          }),
        );
        const found = problemsOf({ ...quiet, town: mail(...letters) });
        const ranks = found.map(({ severity }) => rankOf(severity));
        expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
        for (const text of problemLines(found, terminal, 10_000)) {
          // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
          expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
          expect([...text].length).toBeLessThanOrEqual(80);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a bead that has nearly used up a cap is told of while it is at work, of money too', () => {
  const spent = { turns: 1, usage: { ...noUsage, promptTokens: 850, money: 90 }, wallMs: 0, attempts: 0 };
  const caps = { turns: 12, tokens: 1_000, wallMs: 60_000, attempts: 5, money: 100 };
  const state = { ...quiet, convoys: [convoy([line('one')])] };
  expect(problemsOf({ ...state, beads: [status('demo/core/one', { spent, caps })] })).toMatchObject([
    { kind: 'overBudget', type: 'BudgetNear', what: 'It has used 85 % of its tokens, 90 % of its money.' },
  ]);
  expect(
    problemsOf({ ...state, beads: [status('demo/core/one', { spent, caps, state: 'landed' })] }),
  ).toEqual([]);
});

test('a budget of money that is nearly used up is told of with the command that raises it', () => {
  const money = { granted: 5_000_000, spent: 4_200_000 };
  const found = problemsOf({
    ...quiet,
    convoys: [{ ...convoy([line('one')]), money, currency: 'EUR' }],
  });
  expect(found).toMatchObject([
    {
      kind: 'overBudget',
      type: 'BudgetNear',
      what: 'The convoy has used 4.20 of 5.00 EUR.',
      next: 'To let it go on: `gt budget raise demo --money AMOUNT`',
    },
  ]);
});
