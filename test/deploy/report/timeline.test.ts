import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hostSpans } from '../../../deploy/report/timeline/hostSpans.ts';
import { type Bar, layOut, size } from '../../../deploy/report/timeline/layout.ts';
import { readTimeline } from '../../../deploy/report/timeline/readTimeline.ts';
import { timelineSvg } from '../../../deploy/report/timeline/svg.ts';
import type { Timeline } from '../../../deploy/report/timeline/timeline.ts';
import { type HostNote, noteKinds } from '../../../workflows/domain/host/hostNote.ts';

const begin = Date.UTC(2026, 0, 1);
const moment = fc.integer({ min: begin - 100_000, max: begin + 4_000_000 });

const hostile = fc.oneof(
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"/><image href="http://evil.example/x.png"/>',
    "' onload='alert(1)",
    ']]></style><script>x</script>',
    '&xxe; &#x3c;',
    '\u001b[31mred\u0000\u0008',
    '\u202egnp.exe\ufffe\uffff',
    '\ud800 lone',
    '',
    'a'.repeat(500),
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

const note: fc.Arbitrary<HostNote> = fc.record(
  {
    at: moment,
    kind: fc.constantFrom(...noteKinds),
    models: fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c'), hostile), { maxLength: 2 }),
    ms: fc.nat(1e6),
    failure: hostile,
    slots: fc.integer({ min: 0, max: 9 }),
  },
  { requiredKeys: ['at', 'kind', 'models'] },
);

const call = fc
  .record({
    bead: hostile,
    role: hostile,
    turn: fc.nat(9),
    model: fc.oneof(fc.constantFrom('a', 'b', 'c'), hostile),
    from: moment,
    ms: fc.oneof(fc.constant(0), fc.nat(10), fc.nat(600_000)),
    slot: fc.option(fc.nat(5), { nil: undefined }),
    outcome: hostile,
    replied: fc.boolean(),
    other: fc.boolean(),
  })
  .map(({ ms, ...one }) => ({ ...one, to: one.from + ms }));

const timeline: fc.Arbitrary<Timeline> = fc
  .record({
    convoy: hostile,
    hosts: fc.array(
      fc.record({
        host: hostile,
        notes: fc.array(note, { maxLength: 25 }),
        calls: fc.array(call, { maxLength: 40 }),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ convoy, hosts }) => {
    const calls = hosts.flatMap((host) => host.calls);
    const from = Math.min(begin, ...calls.map((one) => one.from));
    const to = Math.max(begin + 1, ...calls.map((one) => one.to));
    return {
      ...{ convoy, from, to },
      hosts: hosts.map(({ host, notes, calls: own }) => ({
        host,
        ...hostSpans(notes, from, to),
        calls: own,
      })),
    };
  });

/** Bars of the same height on the page that share a stretch of it. */
const overlaps = (bars: readonly Bar<unknown>[]): readonly (readonly [Bar<unknown>, Bar<unknown>])[] => {
  const sorted = bars.toSorted((a, b) => a.y - b.y || a.x - b.x);
  return sorted.flatMap((bar, at) => {
    const next = sorted[at + 1];
    return next !== undefined && next.y === bar.y && bar.x + bar.width > next.x + 1e-6
      ? [[bar, next] as const]
      : [];
  });
};

describe('the picture of a convoy’s hosts', () => {
  test('bars of one lane never overlap, and all are inside of the picture', () => {
    fc.assert(
      fc.property(timeline, (one) => {
        const { rows, width, height } = layOut(one, 1);
        for (const row of rows) {
          const bars = [...row.residency, ...row.calls];
          expect(overlaps(row.residency)).toEqual([]);
          expect(overlaps(row.calls)).toEqual([]);
          expect(row.calls).toHaveLength(row.host.calls.length);
          for (const bar of bars) {
            expect(bar.width).toBeGreaterThanOrEqual(0);
            expect(bar.x).toBeGreaterThanOrEqual(size.left);
            expect(bar.x + bar.width).toBeLessThanOrEqual(width - size.right + 1e-6);
            expect(bar.y).toBeGreaterThanOrEqual(row.y);
            expect(bar.y + bar.height).toBeLessThanOrEqual(row.y + row.height + 1e-6);
          }
          expect(row.y + row.height).toBeLessThan(height);
        }
      }),
    );
  });

  test('a call stays in the lane of its slot unless that is taken', () => {
    const calls = [0, 1, 1].map((slot, index) => ({
      ...{ bead: `c/e/b${index}`, role: 'polecat', turn: 1, model: 'a', slot, outcome: 'stop' },
      ...{ from: begin + index * 1_000, to: begin + 60_000, replied: true, other: false },
    }));
    const host = { host: 'h', ...hostSpans([], begin, begin + 60_000), slots: 4, calls };
    const { rows } = layOut({ convoy: 'c', from: begin, to: begin + 60_000, hosts: [host] }, 1);
    const [row] = rows;
    const lanes = row?.calls.map(({ y }) => (y - (row?.lanesY ?? 0)) / (size.lane + size.gap));
    expect(row?.lanes).toBe(4);
    expect(lanes).toEqual([0, 1, 2]);
  });

  test('G9: names of beads, models and hosts stay text: the elements are ours, whatever they say', () => {
    const ours =
      /^<(svg|title|style|defs|pattern|line|rect|text|g)((?: [a-zA-Z0-9-]+="[^"<>]*")*)\/?>$|^<\/(svg|title|style|defs|pattern|text|g)>$/;
    fc.assert(
      fc.property(timeline, (one) => {
        const svg = timelineSvg(one);
        const tags = svg.match(/<[^>]*>/g) ?? [];
        expect(tags.filter((tag) => !ours.test(tag))).toEqual([]);
        const attributes = new Set(
          tags.flatMap((tag) => [...tag.matchAll(/ ([a-zA-Z0-9-]+)="/g)].map(([, name]) => name)),
        );
        expect([...attributes].filter((name) => /^on|href|src/.test(name ?? ''))).toEqual([]);
        // Every < opens one of these, and every & is an entity.
        expect(svg.replaceAll(/<[^>]*>/g, '')).not.toMatch(/[<>]/);
        expect(svg.replaceAll(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
        // What XML cannot hold, and what turns or drives a text.
        expect(svg).not.toMatch(/(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\ufffe\uffff]/u);
        expect((svg.match(/<g>/g) ?? []).length).toBe((svg.match(/<\/g>/g) ?? []).length);
      }),
    );
  });

  test('has rules for light and dark, a legend of its models, and what the swaps came to', () => {
    const notes: HostNote[] = [
      { at: begin, kind: 'leased', models: [], slots: 2 },
      { at: begin + 1_000, kind: 'opens', models: ['coder'] },
      { at: begin + 30_000, kind: 'drains', models: ['coder'] },
      { at: begin + 35_000, kind: 'closes', models: ['coder'], ms: 5_000 },
      { at: begin + 35_000, kind: 'load-begins', models: ['reviewer'] },
      { at: begin + 57_000, kind: 'load-ends', models: ['reviewer'], ms: 22_000 },
      { at: begin + 57_000, kind: 'opens', models: ['reviewer'] },
    ];
    const spans = hostSpans(notes, begin, begin + 120_000);
    expect(spans.swaps).toEqual({ count: 1, ms: 22_000 });
    expect(spans.sessions).toMatchObject([
      { model: 'coder', from: begin + 1_000, drainsFrom: begin + 30_000, to: begin + 35_000 },
      { model: 'reviewer', from: begin + 57_000, to: begin + 120_000 },
    ]);
    const svg = timelineSvg({
      ...{ convoy: 'demo', from: begin, to: begin + 120_000 },
      hosts: [{ host: 'desk', ...spans, calls: [] }],
    });
    expect(svg).toContain('prefers-color-scheme:dark');
    expect(svg).toContain('1 swap (22 s)');
    expect(svg).toContain('2 slots, 0 % busy');
    expect(svg.match(/>coder</g)).toHaveLength(2);
    expect(svg).toContain('load reviewer, 22 s');
  });

  test('G5: what a killed process left open ends with the next lease', () => {
    const notes: HostNote[] = [
      { at: begin, kind: 'leased', models: [] },
      { at: begin + 1, kind: 'opens', models: ['a'] },
      { at: begin + 2, kind: 'load-begins', models: ['b'] },
      { at: begin + 500, kind: 'leased', models: [] },
    ];
    const { sessions, changes, swaps } = hostSpans(notes, begin, begin + 1_000);
    expect(sessions).toMatchObject([{ model: 'a', to: begin + 500 }]);
    expect(changes).toMatchObject([{ kind: 'load', model: 'b', to: begin + 500 }]);
    expect(swaps.count).toBe(0);
  });
});

describe('what a home remembers of hosts', () => {
  const homeWith = async (files: Readonly<Record<string, readonly unknown[]>>): Promise<string> => {
    const home = await mkdtemp(join(tmpdir(), 'gastown-timeline-'));
    onTestFinished(() => rm(home, { recursive: true, force: true }));
    for (const [path, lines] of Object.entries(files)) {
      await mkdir(dirname(join(home, path)), { recursive: true });
      const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
      await writeFile(join(home, path), `${text}\n`);
    }
    return home;
  };
  const line = { turn: 1, attempt: 1, model: 'coder', host: 'desk', promptRef: 'p', replyRef: 'r' };
  const usage = { calls: 1, promptTokens: 1, completionTokens: 1, estimated: false };

  test('calls of a convoy and of others that shared its hosts; older lines and torn ones too', async () => {
    const home = await homeWith({
      'transcripts/demo/core/one.jsonl': [
        {
          ...line,
          at: begin + 9_000,
          ms: 4_000,
          usage,
          outcome: 'stop',
          slot: 1,
          startedAt: begin + 4_000,
          waitedMs: 4_000,
        },
        { ...line, at: begin + 20_000, ms: 5_000, usage, outcome: 'length' },
        '{"turn":2,"at":',
        { ...line, at: 'never' },
        { ...line, at: begin + 10_000, ms: 100, usage, outcome: 'LeaseLost', replyRef: undefined },
      ],
      'transcripts/other/core/two.jsonl': [
        {
          ...line,
          at: begin + 15_000,
          ms: 30_000,
          usage,
          outcome: 'stop',
          slot: 0,
          startedAt: begin - 15_000,
        },
      ],
      'transcripts/demo/plan/mayor.jsonl': [
        { ...line, at: begin - 900_000, ms: 1_000, usage, outcome: 'stop' },
      ],
      'fleet/desk.1.jsonl': [{ at: begin, kind: 'leased', models: [], slots: 2 }],
      'fleet/desk.jsonl': [
        { at: begin + 500, kind: 'opens', models: ['coder'] },
        { at: begin + 600, kind: 'explodes', models: ['coder'] },
        'no JSON',
      ],
      'fleet/idle.jsonl': [{ at: begin - 9e6, kind: 'leased', models: [] }],
      'fleet/../strange name.jsonl': [],
    });
    const found = await readTimeline(home, 'demo');
    expect(found).toMatchObject({ convoy: 'demo', from: begin, to: begin + 20_000 });
    expect(found?.hosts).toMatchObject([
      {
        host: 'desk',
        slots: 2,
        sessions: [{ model: 'coder', from: begin + 500, to: begin + 20_000 }],
        calls: [
          { bead: 'demo/core/one', from: begin + 4_000, to: begin + 9_000, slot: 1, other: false },
          {
            bead: 'demo/core/one',
            from: begin + 15_000,
            to: begin + 20_000,
            slot: undefined,
            outcome: 'length',
          },
          { bead: 'other/core/two', from: begin, to: begin + 15_000, other: true },
        ],
      },
    ]);
    expect(await readTimeline(home, 'nobody')).toBeUndefined();
  });

  test('whatever stands in the files, a picture comes of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { maxLength: 6 }),
        fc.array(fc.jsonValue(), { maxLength: 6 }),
        async (a, b) => {
          const good = { ...line, at: begin + 9_000, ms: 4_000, usage, outcome: 'stop' };
          const home = await homeWith({
            'transcripts/demo/core/one.jsonl': [good, ...a],
            'fleet/desk.jsonl': b,
          });
          const found = await readTimeline(home, 'demo');
          expect(timelineSvg(found as Timeline)).toMatch(/<\/svg>\n$/);
        },
      ),
      { numRuns: 25 },
    );
  });
});
