import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostTold, noFleet } from '../../../../workflows/domain/fleet/known.ts';
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
