import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFormCounts } from '../../../activities/polecat/formCounts.ts';
import { readModelNote } from '../../../activities/polecat/modelNote.ts';
import { readReport, reportSize } from '../../../activities/polecat/report.ts';
import { readVerdict } from '../../../activities/polecat/reviewReply.ts';
import { tempHome } from '../../support/repo.ts';

describe('a report', () => {
  const body = 'It reads the file line by line. '.repeat(10);

  test.each([
    ['as it is', `# The parser\n\n${body}`],
    ['after a sentence', `Here is my report:\n\n# The parser\n\n${body}`],
    ['in one more block', `\`\`\`markdown\n# The parser\n\n${body}\n\`\`\``],
  ])('is read %s', (_, reply) => {
    expect(readReport(reply, {})).toEqual({ report: `# The parser\n\n${body.trim()}\n`, fault: undefined });
  });

  test.each([
    ['has no heading', body, 'no heading'],
    ['is too short', '# The parser\n\nYes.', `the least is ${reportSize.least}`],
    ['is too long', `# The parser\n\n${'x '.repeat(reportSize.most)}`, `the most is ${reportSize.most}`],
    ['lacks a section', `# The parser\n\n${body}`, '"## Findings"'],
  ])('that %s is refused, with what is missing', (_, reply, what) => {
    const sections = what.includes('Findings') ? ['Findings'] : [];
    expect(readReport(reply, { sections }).fault?.what).toContain(what);
  });

  test('is what stands outside of thoughts and blocks: the comment of a shell is no heading', () => {
    const thought = '<think>\n# Perhaps so\n</think>\n';
    expect(readReport(`${thought}# The parser\n\n${body}`, {}).report).toMatch(/^# The parser\n/);
    const look = `\`\`\`sh\n# find the parser\n${'grep -rn parse src\n'.repeat(15)}\`\`\`\n`;
    expect(readReport(look, {}).fault?.what).toContain('no heading');
    const sections = ['Findings'];
    expect(
      readReport(`# The parser\n\n${body}\n\`\`\`sh\n## Findings\n\`\`\``, { sections }).fault?.what,
    ).toContain('"## Findings"');
  });

  test('G9: drives no terminal', () => {
    const { report } = readReport(`# The \u001b[2Jparser\n\n${body}\u0007`, {});
    expect(report).toBeDefined();
    expect(report).not.toMatch(/[\u001b\u0007]/);
  });
});

describe('a verdict', () => {
  test.each([
    ['bare', '{"verdict": "approve", "reasons": []}', 'approve'],
    [
      'in a block',
      '```json\n{"verdict": "sendBack", "reasons": [{"file": "a", "what": "b"}]}\n```',
      'sendBack',
    ],
    ['without a file', '{"verdict": "sendBack", "reasons": [{"what": "b"}]}', 'sendBack'],
    ['of no file', '{"verdict": "sendBack", "reasons": [{"file": null, "what": "b"}]}', 'sendBack'],
    ['at length', `{"verdict": "sendBack", "reasons": [{"what": "${'b '.repeat(3_000)}"}]}`, 'sendBack'],
  ])('is read: %s', (_, reply, verdict) => {
    expect(readVerdict(reply)?.verdict).toBe(verdict);
  });

  test.each([
    ['prose', 'Looks good to me!'],
    ['another word', '{"verdict": "reject", "reasons": [{"what": "b"}]}'],
    ['sent back without a reason', '{"verdict": "sendBack", "reasons": []}'],
    ['an empty reason', '{"verdict": "sendBack", "reasons": [{"what": "  "}]}'],
    ['nothing', ''],
  ])('is none: %s', (_, reply) => {
    expect(readVerdict(reply)).toBeNull();
  });
});

test('a note of a model is taken only in its shape', () => {
  expect(readModelNote('```json\n{"done": "a", "decisions": ["b"], "next": "c"}\n```')).toEqual({
    done: 'a',
    decisions: ['b'],
    next: 'c',
  });
  for (const none of ['', 'I would rather not.', '{"done": "", "next": "c"}', '{"done": "a"}', '[]'])
    expect(readModelNote(none)).toBeUndefined();
  fc.assert(
    fc.property(fc.json(), (text) => {
      readModelNote(text);
    }),
  );
});

test('how a model keeps to a form is counted by many at once, and a torn line counts for nothing', async () => {
  await using home = await tempHome();
  const forms = createFormCounts(home);
  expect((await forms.read('m')).every(({ wellFormed, malformed }) => wellFormed + malformed === 0)).toBe(
    true,
  );
  await Promise.all(
    Array.from({ length: 40 }, (_, at) => forms.add('m', at % 2 === 0 ? 'whole' : 'blocks', at % 4 < 2)),
  );
  expect(await forms.read('m')).toEqual([
    { form: 'whole', wellFormed: 10, malformed: 10 },
    { form: 'blocks', wellFormed: 10, malformed: 10 },
    { form: 'tools', wellFormed: 0, malformed: 0 },
  ]);
});
