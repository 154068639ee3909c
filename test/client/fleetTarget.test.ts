import { describe, expect, test } from 'vitest';
import { checkStanding } from '../../client/fleet/steer.ts';
import { checkTarget } from '../../client/fleet/target.ts';
import type { HostSettings, ModelSettings } from '../../workflows/domain/host/model.ts';

const gibibyte = 2 ** 30;
const host = (name: string, more: Partial<HostSettings> = {}): HostSettings => ({
  ...{
    name,
    kind: 'ollama',
    url: 'http://127.0.0.1:9',
    slots: 4,
    coresident: false,
    apiKeyEnv: undefined,
    quiet: [],
  },
  ...more,
});
const model = (key: string, gigabytes: number, more: Partial<ModelSettings> = {}): ModelSettings =>
  ({
    ...{
      key,
      name: key,
      context: 32_768,
      hosts: ['wide', 'narrow', 'all'],
      memoryBytes: gigabytes * gibibyte,
    },
    ...more,
  }) as ModelSettings;
const config = {
  hosts: [host('wide', { memoryBytes: 24 * gibibyte }), host('narrow'), host('all', { coresident: true })],
  models: [
    model('large', 20),
    model('other', 20),
    model('small', 4),
    model('long', 8, { weights: 'w', context: 65_536 }),
    model('short', 6, { weights: 'w' }),
    model('elsewhere', 1, { hosts: ['all'] }),
  ],
};
const asked = (name: string, ...models: readonly string[]): (() => void) => {
  return () => checkTarget(config, name, models);
};

describe('what a person asks of a host', () => {
  test.each([
    ['one model', 'wide', ['large']],
    ['two that fit', 'wide', ['large', 'small']],
    ['any two where the configuration says so', 'all', ['large', 'other', 'long', 'short']],
    ['nothing', 'narrow', []],
  ])('%s is taken', (_, name, models) => {
    expect(asked(name, ...models)).not.toThrow();
  });

  test('G10: what cannot be is refused with what there is and what to do', () => {
    expect(asked('wid', 'large')).toThrow(/no host named wid. Did you mean wide/);
    expect(asked('wide', 'elsewhere')).toThrow(/no model named elsewhere/);
    expect(asked('wide', 'large', 'other')).toThrow(
      expect.objectContaining({
        trouble: expect.objectContaining({
          evidence: 'hosts.wide has 24.0 GiB for models; they take 20.0 GiB and 20.0 GiB',
        }),
      }),
    );
    expect(asked('narrow', 'large', 'small')).toThrow(
      expect.objectContaining({
        trouble: expect.objectContaining({ evidence: expect.stringContaining('memory is not set') }),
      }),
    );
  });

  test('two contexts of the same weights never share a host, however much memory there is', () => {
    expect(asked('wide', 'long', 'short')).toThrow(
      expect.objectContaining({
        trouble: expect.objectContaining({ evidence: expect.stringContaining('the same weights, w') }),
      }),
    );
  });
});

describe('a swap at a word', () => {
  test.each([
    ['drained', { drained: true } as const, { type: 'HostDrained', next: /gt fleet drain wide --off/ }],
    ['pinned', { pinned: ['large'] }, { type: 'HostPinned', next: /gt fleet unpin wide/ }],
    [
      'drained and pinned',
      { drained: true, pinned: ['large'] } as const,
      { type: 'HostDrained', next: /--off/ },
    ],
  ])(
    'G10: on a host that is %s is refused with what to take back, and other words are not',
    (_, standing, told) => {
      expect(() => checkStanding('swap', 'wide', standing)).toThrow(
        expect.objectContaining({
          trouble: expect.objectContaining({ type: told.type, next: expect.stringMatching(told.next) }),
        }),
      );
      for (const order of ['pin', 'unpin', 'drain'] as const)
        expect(() => checkStanding(order, 'wide', standing)).not.toThrow();
    },
  );

  test('is taken on a host that is free, or that was asked for another a moment ago', () => {
    for (const standing of [{}, { asked: { models: ['large'], until: 1 } }])
      expect(() => checkStanding('swap', 'wide', standing)).not.toThrow();
  });
});
