import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { planText } from '../../../activities/mayor/planText.ts';
import { maySecrete } from '../../../activities/mayor/promptPath.ts';
import { planReply, planReplySchema } from '../../../activities/mayor/replyShape.ts';
import { jsonIn } from '../../../activities/models/jsonIn.ts';
import { planOf } from '../../deploy/plan/sample.ts';

describe('the JSON in a reply is found', () => {
  const plan = '{"title": "a } b", "beads": [{"id": "x\\"}"}]}';
  test.each([
    ['alone', plan],
    ['in a block', `Here it is:\n\n\`\`\`json\n${plan}\n\`\`\`\nGood luck!`],
    ['in a block without a name', `\`\`\`\n${plan}\n\`\`\``],
    ['between sentences', `Sure. ${plan} That is all.`],
    ['behind a byte order mark', `\uFEFF${plan}\n`],
  ])('%s', (_, reply) => {
    expect(jsonIn(reply)).toEqual({ value: JSON.parse(plan) as unknown });
  });

  test.each([
    ['', 'empty'],
    ['I cannot.', 'no JSON object'],
    ['[1, 2]', 'no JSON object'],
    ['{"title": "half', 'cannot be read'],
    ["{'title': 'single'}", 'cannot be read'],
  ])('%j is told precisely', (reply, says) => {
    expect(jsonIn(reply)).toMatchObject({ fault: expect.stringContaining(says) });
  });

  test('whatever stands there, it ends without an error', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '"', '\\', '`', '\n', 'a', '[', ':') }),
        (text) => {
          const found = jsonIn(text);
          expect('value' in found || found.fault.length > 0).toBe(true);
        },
      ),
    );
  });
});

describe('a reply as a plan file', () => {
  const reply = (bead: object) =>
    planReply.parse({ title: 'A plan', beads: [{ id: 'one', title: 'One', task: 'Write one.', ...bead }] });

  test('names take the form that names have, and needs follow them', () => {
    const { beads } = planReply.parse({
      title: 'A plan',
      beads: [
        { id: 'Add_Lexer', title: 'Lex', task: 'Lex.' },
        { id: 'parserV2', title: 'Parse', task: 'Parse.', needs: ['Add_Lexer'], files: ['./src/parser.ts'] },
      ],
    });
    const text = planText({ title: 'A plan', beads }, { convoy: 'small', rig: 'app' });
    const plan = planOf(text);
    expect(plan.epics[0]?.beads).toMatchObject([
      { id: 'add-lexer', needs: [] },
      { id: 'parser-v2', needs: ['add-lexer'], files: ['src/parser.ts'] },
    ]);
  });

  test('G9: hidden text is gone, commands have no place, and approvals cannot be given', () => {
    const text = planText(reply({ title: 'One\u001b[2J\u202e', task: 'Do\u200b it.\u0007\nNow.' }), {
      convoy: 'c',
      rig: 'app',
    });
    expect(text).not.toMatch(/[\u001b\u202e\u200b\u0007]/);
    expect(
      planReply.safeParse({ title: 'x', beads: [{ id: 'a', title: 'a', task: 'a', run: 'rm' }] }).success,
    ).toBe(false);
    expect(
      planReply.safeParse({
        title: 'x',
        beads: [{ id: 'a', title: 'a', task: 'a', approvedFiles: ['.npmrc'] }],
      }).success,
    ).toBe(false);
  });

  test('any reply of the right shape becomes YAML that says the same', () => {
    const bead = fc.record({
      id: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
      title: fc.string({ minLength: 1 }),
      task: fc.string({ minLength: 1 }),
    });
    fc.assert(
      fc.property(fc.array(bead, { minLength: 1, maxLength: 5 }), (beads) => {
        const found = planReply.safeParse({ title: 't', beads });
        if (!found.success) return;
        const written = parse(planText(found.data, { convoy: 'c', rig: 'r' })) as { beads: { id: string }[] };
        expect(written.beads).toHaveLength(beads.length);
      }),
    );
  });

  test('the schema for providers names no key outside the subset that they take', () => {
    const text = JSON.stringify(planReplySchema());
    expect(text).not.toMatch(/\$ref|\$schema|"pattern"|"not"|"oneOf"/);
  });
});

test('secrets are known by name', () => {
  for (const path of ['.env', 'a/.env.local', 'id_rsa', 'x/server.pem', '.npmrc', 'secrets.yaml'])
    expect(maySecrete(path)).toBe(true);
  for (const path of ['src/environment.ts', 'src/key.ts', 'README.md']) expect(maySecrete(path)).toBe(false);
});
