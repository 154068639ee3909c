import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportPage } from '../../client/render/reportPage.ts';
import { terminalOf } from '../../client/render/terminal.ts';
import { untilNext, untilText } from '../../client/until.ts';
import { convoyReport } from '../../workflows/domain/report/convoyReport.ts';
import type { BeadLine } from '../../workflows/domain/report/report.ts';
import { folderWith, gt, planFile, townFile } from './gtProcess.ts';

let folder: string;
beforeAll(async () => {
  folder = await folderWith({ 'gastown.yaml': townFile, 'plan.yaml': planFile });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a wrong command line ends with 2 and says what to do', () => {
  test.each([
    [['convoy', 'launch', 'plan.yaml', '--until', '25:00'], 'a time of the day such as 07:00'],
    [['convoy', 'launch', 'plan.yaml', '--until', 'tomorrow'], 'a time of the day such as 07:00'],
    [['convoy', 'until', 'demo', '7'], 'a time of the day such as 07:00'],
    [['convoy', 'until', 'demo'], "missing required argument 'time'"],
    [['convoy', 'until', 'demo/core', '07:00'], 'takes CONVOY'],
    [['report', 'demo/core'], 'takes CONVOY'],
    [['report', 'Demo'], 'a-z, 0-9 and -'],
    [['report', '--md', '--json'], 'Markdown or JSON, not both'],
  ])('gt %j', async (args, says) => {
    const ran = await gt(args, folder);
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining(says) });
    expect(ran.err).toContain('Next: ');
  });
});

test('a report of a town that is closed ends with 3 and says how to open it', async () => {
  const ran = await gt(['report'], folder);
  expect(ran).toMatchObject({ code: 3, out: '', err: expect.stringContaining('gt up') });
});

test('--until is part of what the plain temporal command line would start', async () => {
  const ran = await gt(['convoy', 'launch', 'plan.yaml', '--until', '7:00', '--print-input'], folder);
  const { settings } = JSON.parse(ran.out) as { settings: { until: { ms: number; clock: string } } };
  expect(settings.until.clock).toBe('07:00');
  expect(settings.until.ms).toBeGreaterThan(Date.now());
});

test('the time is said with its day, its zone and how far it is', () => {
  const now = Date.parse('2026-11-21T22:03:00Z');
  expect(untilText(untilNext(7 * 60, 'Europe/Berlin', now), 'Europe/Berlin', now)).toContain(
    'At 2026-11-22 07:00 (Europe/Berlin, in 7 h 57 min)',
  );
});

describe('the report on a terminal', () => {
  const line = (bead: string, more: Partial<BeadLine>): BeadLine => ({
    ...{
      bead,
      title: `A \u001b[31mred\u001b[0m title that is long enough to be cut at the end of the line ${bead}`,
    },
    ...{
      state: 'landed',
      wave: 0,
      needs: [],
      commit: 'c'.repeat(40),
      nothingToChange: false,
      polecat: 'Ash',
    },
    ...{ model: 'coder', turns: 2, tokens: 1_000, ms: 60_000, failure: undefined },
    ...more,
  });
  const evidence = 'one\u001b[2J\ntwo';
  const failure = {
    type: 'GateRed',
    what: 'Red \u001b]0;title\u0007gate.',
    evidence,
    next: 'Repair it.',
  } as const;
  const report = convoyReport({
    status: {
      ...{ convoy: 'demo', title: 'A demo', planHash: 'p', state: 'done', rigs: [] },
      epics: [
        {
          ...{ convoy: 'demo', epic: 'core', rig: 'app', target: 'main', paused: undefined, maxParallel: 4 },
          waves: 1,
          beads: [line('one', {}), line('two', { state: 'blocked', commit: undefined, failure })],
        },
      ],
      tokens: { granted: 5_000, spent: 2_000 },
      failure: undefined,
    },
    ...{
      startedAt: 0,
      endedAt: 3_600_000,
      now: 3_600_000,
      calls: [],
      refineries: [],
      hosts: [],
      timeZone: 'UTC',
    },
  });

  test('G9: fits 80 columns where it may, and holds no escape of anybody else', () => {
    const lines = reportPage(report, terminalOf({ isTTY: true, columns: 80 }, { NO_COLOR: '1' }));
    expect(lines.join('\n')).not.toContain('\u001b');
    expect(lines.filter((each) => [...each].length > 80)).toEqual([]);
  });

  test('G10: says what needs the person, with evidence and the next step, before anything else', () => {
    const text = reportPage(report, terminalOf({})).join('\n');
    expect(text).toMatch(
      /Needs you:\n {2}demo\/core\/two\n {4}GateRed: Red gate\.\n {6}one\n {6}two\n {4}Next: Repair it\./,
    );
    expect(text.indexOf('Needs you')).toBeLessThan(text.indexOf('Landed'));
    expect(text).toContain('2.0k tokens of 5.0k');
  });
});
