import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf } from '../../../../client/render/columns.ts';
import { fieldLines } from '../../../../client/render/probeFields.ts';
import { terminalOf } from '../../../../client/render/terminal.ts';
import {
  configured,
  type HostProbe,
  measured,
  type ResidentModel,
  unknown,
} from '../../../../workflows/domain/host/probe.ts';
import { probeFields } from '../../../../workflows/domain/host/probeFields.ts';

const ps = 'GET http://desk/api/ps';
const capabilities = {
  ...{ load: measured(true, ps), unload: measured(true, ps), tokenizer: measured(false, 'it has none') },
  ...{ tools: unknown('it does not say'), jsonSchema: unknown('it does not say') },
};
const probe = (over: Partial<HostProbe> = {}): HostProbe => ({
  ...{ flavours: ['ollama'], software: measured('Ollama', ps), version: measured('0.17.4', ps) },
  ...{
    models: measured(['a', 'b'], ps),
    resident: measured([], ps),
    memory: configured(2 ** 34, 'hosts.desk.memory'),
  },
  ...{ used: unknown('it does not say'), slots: configured(2, 'hosts.desk.slots') },
  ...{ running: unknown('it does not say'), waiting: unknown('it does not say'), capabilities },
  ...over,
});
const resident = (name: string, over: Partial<ResidentModel> = {}): ResidentModel => ({
  ...{ name, id: name, state: 'ready', context: measured(4_096, ps) },
  ...{ bytes: measured(2 ** 30, ps), inGpu: unknown(ps) },
  ...over,
});
const of = (found: HostProbe, name: string) => probeFields(found).find(({ field }) => field === name);

test('each field has its value and where that comes from; what is not known is null and says why', () => {
  expect(of(probe(), 'version')).toEqual({ field: 'version', value: '0.17.4', from: 'measured', by: ps });
  expect(of(probe(), 'memory')).toMatchObject({ value: 2 ** 34, unit: 'bytes', from: 'configured' });
  expect(of(probe(), 'memory used')).toMatchObject({ value: null, from: 'unknown', by: 'it does not say' });
  expect(of(probe({ flavours: ['llama-swap', 'vllm'] }), 'flavour')?.value).toBe('llama-swap before vllm');
  expect(of(probe({ flavours: ['command'] }), 'flavour')).toMatchObject({ from: 'configured' });
});

test.each<[number | undefined, number | undefined, boolean | null]>([
  [0, 0, true],
  [0, undefined, true],
  [0, 1, false],
  [2, 0, false],
  [undefined, undefined, null],
])('with %s calls that run and %s that wait a host is idle: %s', (running, waiting, idle) => {
  const found = probe({ running: measured(running, ps), waiting: measured(waiting, ps) });
  expect(of(found, 'idle')).toMatchObject({ value: idle, from: idle === null ? 'unknown' : 'measured' });
});

test('what is resident is told with its state, context, memory and whether it stays', () => {
  const found = probe({
    resident: measured([resident('a', { kept: true }), resident('b', { state: 'present' })], ps),
  });
  expect(of(found, 'resident')?.value).toEqual(['a', 'b']);
  expect(of(found, 'a: context')).toMatchObject({ value: 4_096, unit: 'tokens', from: 'measured' });
  expect(of(found, 'a: in graphics memory')).toMatchObject({ value: null, from: 'unknown' });
  expect([of(found, 'a: stays loaded')?.value, of(found, 'b: stays loaded')]).toEqual([true, undefined]);
  expect(of(found, 'b: state')?.value).toBe('listed');
});

test('G9: whatever a server calls itself and its models, no line drives the terminal or leaves it', () => {
  const narrow = terminalOf({ isTTY: true, columns: 80 }, { NO_COLOR: '1' });
  const hostile = fc.string({ unit: 'binary', maxLength: 400 });
  fc.assert(
    fc.property(hostile, fc.array(hostile, { maxLength: 40 }), (text, names) => {
      const found = probe({
        ...{ software: measured(text, text), version: measured(text, text), models: measured(names, ps) },
        resident: measured(
          names.map((name) => resident(name)),
          ps,
        ),
      });
      const lines = fieldLines(probeFields(found), narrow);
      expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      expect(lines.every((line) => columnsOf(line) <= 80)).toBe(true);
      expect(lines.length).toBeLessThan(200);
    }),
  );
});
