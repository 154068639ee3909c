import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, expect, test } from 'vitest';
import { createGateActivities, createGateRunner, gateHash } from '../../../activities/gates/index.ts';
import type { RunGates } from '../../../workflows/ports.ts';
import { processesWith } from '../sandbox/processes.ts';
import { gate, makeTestRig, type TestRig } from './rig.ts';

let made: TestRig | undefined;
afterEach(() => made?.remove());

const town = (run: string) => {
  const of = makeTestRig({ 'a.txt': 'a\n' }, { gates: [gate('check', run)] });
  made = of;
  const activities = createGateActivities({
    home: of.home,
    rigs: new Map([['app', of.rig]]),
    runner: createGateRunner({ home: of.home, blobs: of.blobs }),
    blobs: of.blobs,
    heartbeatEveryMs: 50,
  });
  const request: RunGates = {
    bead: of.ref,
    rig: 'app',
    target: 'main',
    place: 'home',
    head: of.head,
    gates: [],
  };
  return { ...of, activities, request };
};

test('G3: gates run on the committed tree, whatever lies in the worktree', async () => {
  const of = town('grep -qx a a.txt && test ! -e stray.txt');
  writeFileSync(join(of.dir, 'a.txt'), 'changed\n');
  writeFileSync(join(of.dir, 'stray.txt'), 'stray\n');
  const report = await new MockActivityEnvironment().run(of.activities.runGates, of.request);
  expect(report).toMatchObject({
    verdict: 'green',
    tree: of.git(of.dir, 'rev-parse', 'HEAD^{tree}'),
    gateHash: gateHash(of.rig),
    cached: false,
  });
});

test('a worktree on another commit, or gone, is said as such', async () => {
  const of = town('true');
  const env = new MockActivityEnvironment();
  await expect(
    env.run(of.activities.runGates, { ...of.request, head: '0'.repeat(40) }),
  ).rejects.toMatchObject({
    type: 'WorktreeLost',
  });
  const gone = { ...of.request, bead: { ...of.ref, bead: 'gone' } };
  await expect(env.run(of.activities.runGates, gone)).rejects.toMatchObject({ type: 'WorktreeLost' });
  await expect(env.run(of.activities.runGates, { ...of.request, rig: 'other' })).rejects.toMatchObject({
    type: 'RigUnusable',
  });
});

test('it heartbeats while a gate runs, and a cancel ends the gate and is thrown', async () => {
  const mark = `gate-${process.pid}`;
  const of = town(`echo up; sh -c 'while :; do sleep 1; done' ${mark}`);
  const env = new MockActivityEnvironment();
  env.on('heartbeat', (progress: unknown) => {
    if (progress !== undefined) env.cancel('CANCELLED');
  });
  await expect(env.run(of.activities.runGates, of.request)).rejects.toThrow('CANCELLED');
  expect(await processesWith(mark)).toEqual([]);
  expect(of.git(of.dir, 'status', '--porcelain')).toBe('');
});
