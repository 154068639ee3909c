import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Sight } from '../../../client/follow.ts';
import { liveBoard } from '../../../client/render/liveBoard.ts';
import { terminalOf } from '../../../client/render/terminal.ts';
import type { BeadLine, ConvoyStatus } from '../../../workflows/domain/report/report.ts';

const plain = terminalOf({ isTTY: true, columns: 80 }, { NO_COLOR: '1' });
const colour = terminalOf({ isTTY: true, columns: 80 }, {});

const failure = {
  type: 'GateRed',
  what: 'The gate test is red.',
  evidence: 'expected 1',
  next: 'Look.',
} as const;

/** Beads in waves of ten: the first `landed` have landed, the next eight are at work. */
const beadsOf = (count: number, landed: number): readonly BeadLine[] =>
  Array.from({ length: count }, (_, at) => ({
    bead: `bead-${at}`,
    title: `Write \u001b[2Jpart ${at} of what was asked for`,
    state: at < landed ? 'landed' : at < landed + 8 ? 'inferring' : 'pending',
    wave: Math.floor(at / 10),
    needs: [],
    commit: at < landed ? 'c0ffee'.repeat(6) : undefined,
    nothingToChange: false,
    ...{ polecat: at < landed + 8 ? 'rosa' : '', model: at < landed + 8 ? 'small' : '' },
    ...{ turns: 0, tokens: 1_000, ms: 0, failure: undefined },
  }));

const sightOf = (beads: readonly BeadLine[], more: Partial<Sight> = {}): Sight => {
  const convoy: ConvoyStatus = {
    ...{ convoy: 'demo', title: 'A demo', planHash: 'x', state: 'running', failure: undefined },
    rigs: [{ rig: 'app', target: 'main', takeOver: undefined, sandbox: 'bwrap' }],
    epics: [
      {
        ...{ convoy: 'demo', epic: 'core', rig: 'app', target: 'main', paused: undefined },
        ...{ maxParallel: 8, waves: 20, beads },
      },
    ],
    tokens: { granted: 5_000_000, spent: 120_000 },
    until: { ms: 0, clock: '07:00' },
  };
  return {
    ...{ convoy, startedAt: 0, landed: [] },
    hosts: [{ host: 'desk', open: ['small'], closed: [], attempt: 1 }],
    refineries: [
      {
        ...{ rig: 'app', target: 'main', landed: 1, sentBack: 0, tip: undefined, stopped: undefined },
        queue: [
          { bead: 'demo/core/bead-60', attempt: 1, state: 'testing' },
          { bead: 'demo/core/bead-61', attempt: 1, state: 'waiting' },
        ],
      },
    ],
    ...more,
  };
};

describe('the live board of two hundred beads', () => {
  const lines = liveBoard(sightOf(beadsOf(200, 63)), plain, 39);

  test('fits the screen: waves in strips, who works on what, queue, hosts, budget', () => {
    expect(lines.length).toBeLessThanOrEqual(39);
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(80);
    const text = lines.join('\n');
    for (const words of [
      /running, since \d\d:\d\d, until 07:00, .* of 5\.0M tokens/,
      /█+░+ {2}63 of 200 beads landed/,
      /waves 1 to 6 +✓+….* 60 of 60 beads/,
      /wave 7 +✓✓✓>>>>>>> +3 of 10 beads/,
      /waves 9 to 20 +·+…/,
      /> rosa +core\/bead-63 +inferring +small/,
      /app main: testing core\/bead-60; waiting core\/bead-61/,
      /desk: open for small/,
    ])
      expect(text).toMatch(words);
  });

  test('has who works on what on a screen of 24 rows as well', () => {
    const small = liveBoard(sightOf(beadsOf(200, 63)), plain, 23).join('\n');
    expect(small).toMatch(/> rosa[\s\S]*… 3 more[\s\S]*Queue/);
  });

  test('is the same while nothing happens, and G9: has no escape of a title', () => {
    expect(liveBoard(sightOf(beadsOf(200, 63)), plain, 39)).toEqual(lines);
    expect(lines.join('')).not.toContain('\u001b');
    const painted = liveBoard(sightOf(beadsOf(200, 63)), colour, 39);
    expect(painted.map(stripVTControlCharacters)).toEqual(lines);
  });
});

test('few beads have a line each, and what is blocked says why', () => {
  const [first, ...others] = beadsOf(4, 1);
  const blocked = others.map((bead) => ({ ...bead, state: 'blocked', failure }) as const);
  const text = liveBoard(sightOf([first as BeadLine, ...blocked]), plain, 39).join('\n');
  expect(text).toMatch(/✓ bead-0 +landed c0ffeec[\s\S]*✗ bead-1 +blocked/);
  expect(text).toMatch(
    /demo\/core\/bead-1, demo\/core\/bead-2, demo\/core\/bead-3:\n +GateRed: The gate test is red/,
  );
});

test('a queue that stopped and a host that refuses stand out with their reason', () => {
  const { refineries } = sightOf([]);
  const text = liveBoard(
    sightOf(beadsOf(4, 1), {
      refineries: refineries.map((one) => ({
        ...one,
        stopped: { ...failure, type: 'BaseRed', what: 'main is red.' },
      })),
      hosts: [{ host: 'desk', open: [], closed: [{ model: 'small', failure, terminal: true }], attempt: 1 }],
    }),
    plain,
    39,
  ).join('\n');
  expect(text).toContain('app main: stopped: main is red.');
  expect(text).toMatch(/desk: no model is open[\s\S]*Host desk: small is closed until somebody acts:/);
});
