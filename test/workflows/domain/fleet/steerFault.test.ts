import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostTold, noFleet, steered } from '../../../../workflows/domain/fleet/known.ts';
import type { Steer } from '../../../../workflows/domain/fleet/status.ts';
import { steerFault } from '../../../../workflows/domain/fleet/steerFault.ts';
import { reportOf } from './told.ts';

const known = [
  reportOf('box', { serves: ['coder', 'critic'] }),
  // Of a process that is older than this field.
  reportOf('desk'),
].reduce(hostTold, noFleet);

test.each<[string, Steer, string]>([
  ['a host that nobody has heard of', { host: 'attic', to: 'drain' }, 'No host called attic has reported.'],
  [
    'a host called like what any object has',
    { host: 'constructor', to: 'drain' },
    'No host called constructor',
  ],
  [
    'a model that the host does not serve',
    { host: 'box', to: 'pin', models: ['coder', 'tiny'] },
    'does not serve tiny.',
  ],
  [
    'a swap to one that it does not serve',
    { host: 'box', to: 'load', models: ['tiny'] },
    'does not serve tiny.',
  ],
  ['a pin of nothing', { host: 'box', to: 'pin' }, 'Name a model to pin.'],
])('G10: an order is refused for %s, with what there is', (_, order, words) => {
  const fault = steerFault(known, order);
  expect(fault?.why).toContain(words);
  expect(fault?.evidence).toMatch(order.host === 'box' ? /serves: coder, critic/ : /box, desk/);
  expect(fault?.next).toMatch(/gt (fleet status|host list)/);
});

test('an order for what a host serves is taken, and for a host that does not tell what it serves any', () => {
  const to = fc.constantFrom<Steer['to'][]>('pin', 'load', 'unpin', 'drain', 'undrain');
  fc.assert(
    fc.property(
      to,
      fc.subarray(['coder', 'critic'], { minLength: 1 }),
      fc.stringMatching(/^[a-z]{1,9}$/),
      (one, models, any) => {
        expect(steerFault(known, { host: 'box', to: one, models })).toBeUndefined();
        expect(steerFault(known, { host: 'desk', to: one, models: [any] })).toBeUndefined();
      },
    ),
  );
});

describe('a host that follows another word', () => {
  const drained = steered(known, 'box', { drained: true });
  const pinned = steered(known, 'box', { pinned: ['critic'] });
  const load: Steer = { host: 'box', to: 'load', models: ['coder'] };

  test.each([
    ['drained', drained, 'box is drained, so it loads nothing.', 'gt fleet drain box --off'],
    ['pinned', pinned, 'box keeps what is pinned there, so it loads nothing else.', 'gt fleet unpin box'],
    ['both', steered(pinned, 'box', { drained: true }), 'box is drained', 'gt fleet drain box --off'],
  ])('G10: that is %s loads nothing else at a word, and says what to take back', (_, fleet, why, next) => {
    expect(steerFault(fleet, load)?.why).toContain(why);
    expect(steerFault(fleet, load)?.next).toContain(next);
  });

  test('takes every other word, and that one on other hosts and once it is free again', () => {
    for (const fleet of [drained, pinned]) {
      for (const to of ['pin', 'unpin', 'drain', 'undrain'] as const)
        expect(steerFault(fleet, { ...load, to })).toBeUndefined();
      expect(steerFault(fleet, { ...load, host: 'desk' })).toBeUndefined();
      const free = steered(fleet, 'box', { drained: undefined, pinned: undefined });
      expect(steerFault(free, load)).toBeUndefined();
    }
  });
});
