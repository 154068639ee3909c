import { ApplicationFailure } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCalledTools } from '../../../activities/models/calledTools.ts';
import { createSlots } from '../../../activities/models/slots.ts';
import { startSpares } from '../../../activities/models/spares.ts';
import { refusesTools } from '../../../activities/models/toolsRefused.ts';
import { parseReply } from '../../../activities/polecat/protocol/parse.ts';

describe('native tool calls', () => {
  const write = (path: string, content: string): string => JSON.stringify({ path, content });
  const pieces = (index: number, name: string, given: string, cuts: readonly number[]) => {
    const ends = [...new Set(cuts.map((cut) => cut % (given.length + 1)))].toSorted((a, b) => a - b);
    const parts = [...ends, given.length].map((end, at) => given.slice(ends[at - 1] ?? 0, end));
    return parts.map((text, at) => ({
      index,
      function: { ...(at === 0 ? { name } : {}), arguments: text },
    }));
  };

  test('become the changes that they ask for, however their stream was cut', () => {
    const content = fc.oneof(
      fc.string(),
      fc.constantFrom('</tool_call>\n', '```\nx\n```\n', '<|im_end|>', '{"a": 1}'),
    );
    fc.assert(
      fc.property(content, fc.array(fc.nat(200), { maxLength: 5 }), (text, cuts) => {
        const calls = createCalledTools();
        for (const piece of pieces(0, 'write_file', write('src/a.ts', text), cuts)) calls.add([piece]);
        const { edits, faults } = parseReply(calls.text());
        expect(faults).toEqual([]);
        const plain = text.replaceAll('\r\n', '\n');
        const whole = plain === '' || plain.endsWith('\n') ? plain : `${plain}\n`;
        expect(edits).toMatchObject([{ kind: 'write', path: 'src/a.ts', content: whole }]);
      }),
    );
  });

  test('of one reply that all have the same number are several calls, as Ollama has sent them', () => {
    const calls = createCalledTools();
    calls.add([{ index: 0, function: { name: 'write_file', arguments: write('a.ts', 'a\n') } }]);
    calls.add([{ index: 0, function: { name: 'delete_file', arguments: { path: 'b.ts' } } }]);
    expect(parseReply(calls.text()).edits).toMatchObject([
      { kind: 'write', path: 'a.ts' },
      { kind: 'delete', path: 'b.ts' },
    ]);
  });

  test('may say that nothing needs to change, propose other work, and look', () => {
    const said = (name: string, given: object) => {
      const calls = createCalledTools();
      calls.add([{ index: 0, function: { name, arguments: JSON.stringify(given) } }]);
      return parseReply(calls.text());
    };
    expect(said('nothing_to_change', {})).toMatchObject({ nothingToChange: true, faults: [] });
    expect(said('run_command', { command: 'ls' })).toMatchObject({ command: 'ls', faults: [] });
    const proposed = said('propose_work', { title: 'Test it', files: ['a.ts'], task: 'There is no test.' });
    expect(proposed.proposals).toEqual([{ title: 'Test it', files: ['a.ts'], task: 'There is no test.' }]);
  });

  test('that are no calls bring nothing, and never throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const calls = createCalledTools();
        calls.add(value);
        calls.add([value]);
        expect(typeof calls.text()).toBe('string');
      }),
    );
  });
});

test.each([
  ['Ollama', '{"error":{"message":"registry.ollama.ai/library/x does not support tools"}}', true],
  ['llama.cpp', '{"error":{"message":"tools param requires --jinja flag"}}', true],
  ['vLLM', '{"message":"\\"auto\\" tool choice requires --enable-auto-tool-choice to be set"}', true],
  ['a busy server', '{"error":{"message":"overloaded"}}', false],
])('a server that cannot offer tools is known by its words: %s', (_, evidence, known) => {
  const error = ApplicationFailure.create({ type: 'HostRefused', message: 'no', details: [{ evidence }] });
  expect(refusesTools(error)).toBe(known);
});

describe('further replies', () => {
  const usage = { calls: 1, promptTokens: 10, completionTokens: 5, estimated: false };
  const reply = { text: 'x', finish: 'stop', usage, thoughtChars: 0, ms: 1, firstTokenMs: 1 } as const;
  const never = new AbortController().signal;

  test('take only slots that are idle', async () => {
    const slots = createSlots(3);
    const leave = await slots.enter(never);
    const spares = startSpares(5, slots, never, async ({ onUsage }) => {
      onUsage(usage);
      return reply;
    });
    expect(await spares.within(10_000)).toHaveLength(2);
    expect(spares.usage()).toMatchObject({ calls: 2, promptTokens: 20 });
    leave();
    expect(slots.borrow()).toBeDefined();
  });

  test('G7: give their slot back to a call that waits for it, and are charged for what they had', async () => {
    const slots = createSlots(1);
    const spares = startSpares(1, slots, never, ({ signal, onUsage }) => {
      onUsage(usage);
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    });
    const leave = await slots.enter(never);
    expect(await spares.within(10_000)).toEqual([]);
    expect(spares.usage().calls).toBe(1);
    leave();
  });

  test('that fail are only missing', async () => {
    const spares = startSpares(2, createSlots(4), never, () => Promise.reject(new Error('down')));
    expect(await spares.within(10_000)).toEqual([]);
  });

  test('end with their time', async () => {
    const spares = startSpares(
      1,
      createSlots(1),
      never,
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        }),
    );
    expect(await spares.within(1)).toEqual([]);
  });
});
