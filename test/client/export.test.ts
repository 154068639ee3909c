import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BeadExport, ExportedStep } from '../../client/export/beadExport.ts';
import { exportMarkdown } from '../../client/export/exportMarkdown.ts';

/** What closes fences, poses as headings and tables, drives terminals, or turns the page around. */
const hostile = fc.oneof(
  fc.constantFrom(
    '```\n# pwned\n```',
    '````\n<script>alert(1)</script>\n`````` x',
    '~~~\n[click](http://evil.example)\n~~~',
    '\u001b[31m\u001b]8;;http://evil.example\u0007x\n| a | b |',
    '\u202e``` \u2066',
    '```\r\n# a heading\r\n',
    '   ````\n> quote',
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: fc.constantFrom('`', '\n', '#', '~', ' ', '\r', 'x'), maxLength: 40 }),
);

const call = fc.record({
  kind: fc.constant('call' as const),
  at: fc.integer({ min: 1, max: 2e12 }),
  turn: fc.integer({ min: 1, max: 3 }),
  model: hostile,
  host: hostile,
  outcome: hostile,
  failure: hostile,
  prompt: fc.option(fc.array(fc.record({ role: hostile, content: hostile }), { maxLength: 3 }), {
    nil: undefined,
  }),
  reply: fc.option(hostile, { nil: undefined }),
});

const gates = fc.record({
  kind: fc.constant('gates' as const),
  at: fc.integer({ min: 1, max: 2e12 }),
  turn: fc.integer({ min: 1, max: 3 }),
  head: hostile,
  verdict: hostile,
  ms: fc.integer({ min: 0, max: 1e6 }),
  gates: fc.array(fc.record({ gate: hostile, passed: fc.boolean(), ms: fc.nat(1e5) }), { maxLength: 2 }),
  failures: fc.array(
    fc.record({ gate: hostile, summary: hostile, log: fc.option(hostile, { nil: undefined }) }),
    { maxLength: 2 },
  ),
  diff: fc.option(hostile, { nil: undefined }),
});

/** The lines of a page that stand outside of fenced blocks, as CommonMark finds these. */
const outside = (page: string): { readonly lines: readonly string[]; readonly open: boolean } => {
  const lines: string[] = [];
  let fence = '';
  for (const line of page.split('\n')) {
    const run = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? '';
    if (fence === '' && run !== '') fence = run;
    else if (fence !== '' && run.startsWith(fence) && /^ {0,3}`+ *$/.test(line)) fence = '';
    else if (fence === '') lines.push(line);
  }
  return { lines, open: fence !== '' };
};

test('G9: an exported page has no heading, link, table or escape but its own, whatever models and repositories wrote', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(call, gates), { maxLength: 5 }), (steps) => {
      const page = exportMarkdown({ bead: 'demo/core/parser', steps: steps as readonly ExportedStep[] });
      const { lines, open } = outside(page);
      expect(open).toBe(false);
      for (const line of lines)
        expect(line).toMatch(
          /^(|# Bead demo\/core\/parser|## Turn \d|### (Call|Change|Gates)\b.*|\*\*.*|- .*|\|.*\||There is no reply\.|No model call is recorded\.|The prompt is not in the home any more\.)$/,
        );
      expect(lines.join('\n')).not.toMatch(/<script|(?<!\\)\]\(http/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
      expect(page).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    }),
    { numRuns: 300 },
  );
});

test('a page has every prompt, reply, gate and change, turn by turn, with models, tokens and times', () => {
  const usage = { calls: 1, promptTokens: 900, completionTokens: 80, estimated: false };
  const whole: BeadExport = {
    bead: 'demo/core/parser',
    steps: [
      {
        ...{
          kind: 'call',
          at: 1_000,
          turn: 1,
          model: 'small',
          host: 'desk',
          outcome: 'stop',
          ms: 4_000,
          usage,
        },
        prompt: [{ role: 'user', content: 'Do it.' }],
        reply: 'src/a.ts\n```\nlet a\n```',
      },
      {
        ...{ kind: 'gates', at: 2_000, turn: 1, head: 'abcdef0123456789', verdict: 'red', ms: 500 },
        gates: [{ gate: 'test', passed: false, ms: 500 }],
        failures: [{ gate: 'test', summary: '1 failed', log: 'expected 1' }],
        diff: '+let a\n',
      },
    ],
  };
  expect(exportMarkdown(whole)).toBe(`# Bead demo/core/parser

| model | calls | tokens | time |
|---|---|---|---|
| small on desk | 1 | 980 | 4.0 s |

## Turn 1

### Call: small on desk, 1970-01-01T00:00:01.000Z, 900 + 80 tokens, 4.0 s, stop

**user**

\`\`\`
Do it.
\`\`\`

**reply**

\`\`\`\`
src/a.ts
\`\`\`
let a
\`\`\`
\`\`\`\`

### Change

\`\`\`diff
+let a
\`\`\`

### Gates: red, 0.5 s, commit abcdef0123

- test: red, 0.5 s

**test** 1 failed

\`\`\`
expected 1
\`\`\`

`);
});
