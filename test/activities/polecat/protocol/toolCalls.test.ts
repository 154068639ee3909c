import { describe, expect, it } from 'vitest';
import { parseReply } from '../../../../activities/polecat/protocol/parse.ts';

const write = { path: 'src/a.ts', content: 'a\nb\n' };
const call = { name: 'write_file', arguments: write };
const json = JSON.stringify;
const fenced = (text: string, info = 'json'): string => `\`\`\`${info}\n${text}\n\`\`\`\n`;

describe('tool calls printed as text', () => {
  it.each([
    ['a bare call', json(call)],
    ['in a fence, after prose', `I will write the file.\n\n${fenced(json(call, undefined, 2))}`],
    ['in a fence without a language', fenced(json(call), '')],
    ['in tags', `<tool_call>\n${json(call)}\n</tool_call>`],
    ['in tags inside of a fence', fenced(`<tool_call>\n${json(call)}\n</tool_call>`, 'xml')],
    [
      'as the OpenAI protocol has them',
      json({ tool_calls: [{ type: 'function', function: { name: 'write_file', arguments: json(write) } }] }),
    ],
    ['as Mistral writes them', `[TOOL_CALLS] [${json(call)}]`],
    [
      'as Qwen writes them',
      '<tool_call>\n<function=write_file>\n<parameter=path>\nsrc/a.ts\n</parameter>\n<parameter=content>\na\nb\n</parameter>\n</function>\n</tool_call>',
    ],
    [
      'with parameters',
      json({ name: 'create_file', parameters: { file_path: './src/a.ts', contents: 'a\nb' } }),
    ],
    [
      'as an editor tool',
      json({
        name: 'str_replace_editor',
        input: { command: 'create', path: 'src/a.ts', file_text: 'a\nb\n' },
      }),
    ],
    ['as bare arguments', fenced(json(write))],
    [
      'with bare line breaks',
      '{"name": "write_file", "arguments": {"path": "src/a.ts", "content": "a\nb\n"}}',
    ],
    ['beside a call to look or run', `${json({ name: 'run_tests', arguments: {} })}\n${json(call)}`],
  ])('are changes of files: %s', (_, reply) => {
    const { edits, faults } = parseReply(reply);
    expect(faults).toEqual([]);
    expect(edits).toMatchObject([{ kind: 'write', path: 'src/a.ts', content: 'a\nb\n' }]);
  });

  it('may change a place, delete a file, and change several', () => {
    const edit = { name: 'edit_file', arguments: { path: 'b.ts', old_string: 'x', new_string: 'y' } };
    const gone = { name: 'delete_file', arguments: { path: 'c.ts' } };
    const { edits, faults } = parseReply(
      `${fenced(json(edit))}\n${fenced(json(gone))}\n${fenced(json(call))}`,
    );
    expect(faults).toEqual([]);
    expect(edits).toMatchObject([
      { kind: 'replace', path: 'b.ts', blocks: [{ search: 'x\n', replace: 'y\n' }] },
      { kind: 'delete', path: 'c.ts' },
      { kind: 'write', path: 'src/a.ts' },
    ]);
  });

  it('that can do nothing here are answered with the fault: there is no such tool', () => {
    const { edits, faults } = parseReply(
      fenced(json({ name: 'search_web', arguments: { query: 'src/a.ts' } })),
    );
    expect(edits).toEqual([]);
    expect(faults[0]?.what).toContain('calls a tool (search_web). No such tool is here');
  });

  it('are no calls where JSON is the file that is wanted, or no call at all', () => {
    const reply = `calls.json\n${fenced(json(call))}`;
    expect(parseReply(reply).edits).toMatchObject([{ kind: 'write', path: 'calls.json' }]);
    expect(parseReply(fenced('{"a": 1}')).faults[0]?.what).toContain('no path');
    expect(parseReply('{"name": "x"}').faults.length).toBe(1);
  });
});
