import { expect, test } from 'vitest';
import { fleetMarkdown } from '../../../../workflows/domain/fleet/markdown.ts';
import type { FleetHostStatus } from '../../../../workflows/domain/fleet/status.ts';
import { reportOf } from './told.ts';

const order = {
  ...{ want: ['coder'], reason: 'critic → coder (30 s): 2 calls waiting', gainMs: 90_000 },
  ...{ alternatives: [], at: 0 },
};
const host = (over: Partial<FleetHostStatus> = {}): FleetHostStatus => ({
  ...{ report: reportOf('box', { open: ['coder'] }), lost: false, steering: {}, told: ['coder'], order },
  ...over,
});
const page = (over: object): string =>
  fleetMarkdown({ hosts: [host()], plan: undefined, demand: [], swaps: [], beads: 0, ...over });

test('shows the decision that a host follows, whatever the latest plan says of it, and why swaps were made', () => {
  const latest = { host: 'box', want: ['coder'], reason: 'keeps coder', gainMs: 0, alternatives: [] };
  const plan = { at: 9, endsAt: undefined, hosts: [latest], againAt: undefined };
  const swap = { host: 'box', at: 0, from: ['critic'], to: ['coder'], drainMs: 0, unloadMs: 0, loadMs: 1 };
  const text = page({ plan, swaps: [{ ...swap, why: 'by the host’s own rule' }, swap] });
  expect(text).toContain('critic → coder (30 s): 2 calls waiting (1970-01-01T00:00:00.000Z) |');
  expect(text).not.toContain('keeps coder');
  expect(text).toContain('box: critic → coder: by the host’s own rule');
  expect(text.split('\n').at(-2)).toMatch(/box: critic → coder$/);
  const idle = page({ hosts: [host({ told: undefined, order: undefined })], plan });
  expect(idle).toContain('keeps coder');
});

test('says of a drained host what is still loaded', () => {
  const drained = host({
    report: reportOf('box', { kept: ['coder'] }),
    told: [],
    steering: { drained: true },
  });
  expect(page({ hosts: [drained] })).toContain('| box | coder (drained) | 0 | nothing |');
});
