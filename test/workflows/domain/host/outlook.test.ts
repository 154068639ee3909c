import { expect, test } from 'vitest';
import { closedFor } from '../../../../workflows/domain/host/outlook.ts';
import { defaultPace } from '../../../../workflows/domain/pace.ts';

const down = {
  type: 'HostDown',
  what: 'The host is down.',
  evidence: 'ECONNREFUSED',
  next: 'Start it.',
} as const;
const small = {
  type: 'ContextTooSmall',
  what: 'Too small.',
  evidence: '2048 < 8192',
  next: 'Set num_ctx.',
} as const;
const at = (waitedMs: number) => ({ waitedMs, pace: defaultPace });

test('a model that is open somewhere is only waited for', () => {
  const outlook = { open: ['a'], closed: [{ host: 'b', failure: down, terminal: false }] };
  expect(closedFor('m', outlook, at(10 * defaultPace.downPatienceMs))).toBeUndefined();
});

test('G10: hosts that refuse for good block the bead soon, and it says why', () => {
  const outlook = { open: [], closed: [{ host: 'a', failure: small, terminal: true }] };
  expect(closedFor('m', outlook, at(1_000))).toMatchObject({
    giveUp: false,
    failure: { type: 'ContextTooSmall' },
  });
  expect(closedFor('m', outlook, at(defaultPace.refusedPatienceMs))).toMatchObject({ giveUp: true });
});

test('one host that is merely down keeps the bead waiting, for an hour and a half', () => {
  const outlook = {
    open: [],
    closed: [
      { host: 'a', failure: small, terminal: true },
      { host: 'b', failure: down, terminal: false },
    ],
  };
  expect(closedFor('m', outlook, at(defaultPace.refusedPatienceMs))?.giveUp).toBe(false);
  // A host that is down for an hour of the night must not cost its beads.
  expect(closedFor('m', outlook, at(60 * 60_000))?.giveUp).toBe(false);
  expect(closedFor('m', outlook, at(defaultPace.downPatienceMs))?.giveUp).toBe(true);
});

test('a model that nobody reports on says so', () => {
  expect(closedFor('m', { open: [], closed: [] }, at(0))?.failure.type).toBe('ModelUnavailable');
});
