import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toldModels } from '../../../../workflows/domain/host/probeOutput.ts';

const names = (output: string): readonly string[] | undefined => toldModels(output)?.map(({ name }) => name);

test('lms ps --json, with context and size', () => {
  const output = JSON.stringify([
    {
      type: 'llm',
      modelKey: 'qwen/qwen3-coder-30b',
      identifier: 'coder',
      contextLength: 32_768,
      sizeBytes: 18_000,
    },
  ]);
  expect(toldModels(output)).toEqual([{ name: 'coder', state: 'ready', context: 32_768, bytes: 18_000 }]);
});

test('GET /api/v1/models of LM Studio lists what is not loaded, too', () => {
  const models = [
    { key: 'a', size_bytes: 7, loaded_instances: [{ id: 'a', config: { context_length: 4_096 } }] },
    { key: 'b', size_bytes: 9, loaded_instances: [] },
  ];
  expect(toldModels(JSON.stringify({ models }))).toEqual([
    { name: 'a', state: 'ready', context: 4_096, bytes: 7 },
  ]);
});

test('lists of llama-swap and of routers, with the state of each', () => {
  const running = [
    { model: 'a', state: 'ready' },
    { model: 'b', state: 'starting' },
    { model: 'c', state: 'stopping' },
  ];
  expect(toldModels(JSON.stringify({ running }))?.map(({ state }) => state)).toEqual([
    'ready',
    'loading',
    'leaving',
  ]);
  const data = [
    { id: 'a', status: { value: 'loaded' } },
    { id: 'b', status: { value: 'unloaded' } },
    { id: 'c', status: { value: 'loading' } },
    { id: 'd', state: 'not-loaded' },
    { id: 'e', state: 'sleeping' },
  ];
  expect(toldModels(JSON.stringify({ data }))?.map(({ name, state }) => `${name} ${state}`)).toEqual([
    ...['a ready', 'c loading', 'e sleeping'],
  ]);
});

test('a name on each line; nothing is nothing in memory; JSON without a list is not read', () => {
  expect(names('a model\n\n  b:latest \n')).toEqual(['a model', 'b:latest']);
  expect(names('')).toEqual([]);
  expect(names('[]')).toEqual([]);
  expect(names('["a"]')).toEqual(['a']);
  expect(names('{"error":"no"}')).toBeUndefined();
  expect(names('{oops')).toBeUndefined();
});

test('whatever a program prints is read without harm', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (output) => {
      for (const { name, context } of toldModels(output) ?? []) {
        expect(name).not.toBe('');
        expect(context === undefined || context > 0).toBe(true);
      }
    }),
  );
});
