import { describe, expect, test } from 'vitest';
import { laidOut } from '../../../client/answer.ts';
import { beadTable } from '../../../client/render/board.ts';
import { beginning, columnsOf, ending, padded } from '../../../client/render/columns.ts';
import { findingLines, nameWidthOf } from '../../../client/render/findings.ts';
import { hostTable } from '../../../client/render/hostPage.ts';
import { modelTable } from '../../../client/render/modelTable.ts';
import { polecatTable } from '../../../client/render/polecatTable.ts';
import { rigTable } from '../../../client/render/rigTable.ts';
import { table } from '../../../client/render/table.ts';
import { cutName, folded, terminalLike, terminalOf, wrap } from '../../../client/render/terminal.ts';
import { type Finding, isWell } from '../../../workflows/domain/finding.ts';
import type { BeadLine, EpicStatus } from '../../../workflows/domain/report/report.ts';
import type { RigSettings } from '../../../workflows/domain/rig.ts';

const narrow = terminalOf({ isTTY: true, columns: 80 }, { NO_COLOR: '1' });
const pipe = terminalOf({}, {});

/** A name of the longest length that the configuration takes. */
const longest = (what: string): string => `${what}-${'x'.repeat(34 - what.length)}-last`;

describe('columns of a terminal', () => {
  test.each([
    ['plain', 5],
    ['naïve', 5],
    ['cafe\u0301', 4],
    ['日本語', 6],
    ['😀', 2],
    ['👩‍💻', 2],
    ['🇩🇪', 2],
    ['❤️', 2],
    ['✓ ✗ ·', 5],
    ['█░', 2],
    ['ﾊﾝｶｸ', 4],
    ['한국', 4],
  ])('%s takes %i', (text, columns) => expect(columnsOf(text)).toBe(columns));

  test('a beginning, an end and a filled text never break a character', () => {
    expect([beginning('日本語', 3), ending('日本語', 3), padded('日本', 6)]).toEqual(['日', '語', '日本  ']);
    expect([ending('abc', 0), beginning('abc', 0)]).toEqual(['', '']);
  });

  test('a name that is cut keeps its beginning and its end', () => {
    expect(cutName('night/core/the-parser', 12)).toBe('night/…arser');
    expect(cutName('short', 12)).toBe('short');
  });

  test('lines of wide characters break where the terminal ends', () => {
    for (const line of wrap('日本語 '.repeat(20).trim(), 40)) expect(columnsOf(line)).toBeLessThanOrEqual(40);
  });
});

const line: BeadLine = {
  bead: longest('bead'),
  title: `日本語の題 ${'word '.repeat(20)}`,
  state: 'landed',
  wave: 11,
  needs: [],
  commit: undefined,
  nothingToChange: true,
  polecat: longest('polecat'),
  model: longest('model'),
  turns: 112,
  tokens: 1_234_567,
  ms: 7_500_000,
  failure: undefined,
};
const key = [longest('convoy'), longest('epic'), longest('bead')].join('/');

const rig = {
  name: longest('rig'),
  source: `git@example.com:${'deep/'.repeat(10)}repository.git`,
  branch: `feature/${'branch-'.repeat(5)}`,
  land: { mode: 'branch', branch: `gastown/${'b'.repeat(40)}` },
  cloud: 'plan',
  gates: [{ name: longest('gate') }, { name: 'test' }],
} as unknown as RigSettings;

const host = {
  ...{ name: longest('host'), kind: 'llama-server', slots: 16 },
  url: `https://${'models.'.repeat(10)}example.com:11434`,
  models: [{ key: longest('model'), name: 'x', context: 1 }],
} as unknown as Parameters<typeof hostTable>[0][number];

const tables: Readonly<Record<string, (terminal: typeof narrow) => readonly string[]>> = {
  'beads of an epic': (terminal) =>
    beadTable({ beads: [line, { ...line, bead: 'b', model: 'm' }] } as unknown as EpicStatus, terminal),
  polecats: (terminal) =>
    polecatTable(
      [
        { ...line, bead: key, rig: rig.name, waiting: undefined },
        { ...line, bead: 'a/b/c', rig: 'r', waiting: undefined },
      ],
      terminal,
    ),
  rigs: (terminal) => rigTable([rig, { ...rig, name: 'app' }], terminal),
  hosts: (terminal) => hostTable([host, { ...host, name: 'desk' }], terminal),
};

describe.each(Object.entries(tables))('%s with the longest names', (_, draw) => {
  test('fit 80 columns, in columns, with something of each', () => {
    const lines = draw(narrow);
    for (const one of lines) expect(columnsOf(one)).toBeLessThanOrEqual(80);
    const [head = ''] = lines;
    // Each title begins where its column does, so none has gone over the edge.
    expect(head.trim().split(/ {2,}/).length).toBe(draw(pipe)[0]?.trim().split(/ {2,}/).length);
  });

  test('are whole in a pipe', () => {
    expect(draw(pipe).join('\n')).not.toContain('…');
  });
});

test('models to choose from fit 80 columns', () => {
  const model = {
    name: `hf.co/${'very-'.repeat(12)}long`,
    bytes: 18.6e9,
    context: 262_144,
    trained: 262_144,
    loaded: true,
  };
  const lines = modelTable([model as Parameters<typeof modelTable>[0][number]], {
    isTTY: true,
    columns: 80,
  } as NodeJS.WriteStream);
  for (const one of lines) expect(columnsOf(one)).toBeLessThanOrEqual(80);
});

test('numbers are never shortened, and names give way from the widest on', () => {
  const [, row = ''] = table(
    [{ title: 'a' }, { title: 'b' }, { title: 'n', align: 'right' }],
    [['a'.repeat(30), 'bbb', '1234567890']],
    30,
  );
  expect(row).toBe(`${'a'.repeat(6)}…${'a'.repeat(6)}  bbb  1234567890`);
});

test('what is said of things with long names stands in one column', () => {
  const checks = ['disk', `host ${longest('host')}`];
  const width = nameWidthOf(checks);
  const at = checks.map((check) => findingLines(isWell(check, 'SAID'), pipe, width)[0]?.indexOf('SAID'));
  expect(new Set(at).size).toBe(1);
  expect(nameWidthOf([])).toBe(14);
});

describe('a finding on 80 columns', () => {
  const said = `${'a word '.repeat(15)}since 2026-01-31T07:00:00Z`;
  const bad: Finding = {
    ...isWell('gastown.yaml', said, said),
    level: 'fail',
    fix: `Correct the file, ${'then look again, '.repeat(4)}then run \`gt doctor --quick --config gastown.yaml\` again.`,
  };

  test('is folded between words, whole, with moments on the reader’s clock', () => {
    for (const one of [isWell('disk', said, said), bad]) {
      const lines = findingLines(one, narrow);
      for (const each of lines) expect(columnsOf(each)).toBeLessThanOrEqual(80);
      expect(lines.join(' ')).not.toMatch(/…|T07:00/);
      expect(lines.join(' ').match(/2026-01-3\d/g)).toHaveLength(2);
    }
    expect(findingLines(isWell('disk', said, said), pipe)).toHaveLength(1);
  });

  test('keeps commands whole, and leaves out a next step that was just said', () => {
    const text = findingLines(bad, narrow).join('\n');
    expect(text).toContain('`gt doctor --quick --config gastown.yaml`');
    expect(findingLines(bad, narrow, 14, { saysNext: false }).join('\n')).not.toContain('Next:');
  });
});

test('prose is folded, and what fits or goes into a pipe stays as it is', () => {
  const row = 'name   state    what';
  expect(folded([row, 'one two three four'], 20)).toEqual([row, 'one two three four']);
  expect(folded(['one two three four\nfive'], 10)).toEqual(['one two', '  three', '  four', 'five']);
  expect(folded(['word '.repeat(90)], Number.POSITIVE_INFINITY)).toEqual(['word '.repeat(90)]);
});

test('a page that was folded and painted is not folded again, and a painted table row fits as an unpainted one does', () => {
  const coloured = terminalLike({ columns: 40, redraws: true, colour: true });
  const row = 'x'.repeat(40);
  const prose = wrap('  word '.repeat(30).trim(), 40).map((one) => coloured.paint('red', one));
  const lines = (): readonly string[] => [coloured.paint(['dim', 'bold'], row), ...prose];
  expect(laidOut({ data: null, lines }, coloured)).toEqual(lines());
});

test('answers are folded, but for those that are there to be taken as they are', () => {
  const lines = (): readonly string[] => ['word '.repeat(30).trim()];
  expect(laidOut({ data: null, lines }, narrow)).toHaveLength(2);
  expect(laidOut({ data: null, lines, asIs: true }, narrow)).toEqual(lines());
  expect(laidOut({ data: null, lines }, pipe)).toEqual(lines());
});
