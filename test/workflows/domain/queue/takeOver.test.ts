import { expect, test } from 'vitest';
import { takeOversOf } from '../../../../workflows/domain/queue/takeOver.ts';
import type { ConvoyStatus, RefineryStatus } from '../../../../workflows/domain/report/report.ts';

const command = 'git -C /app merge --ff-only gastown/main';

const convoy = (
  name: string,
  commit: string | undefined,
  takeOver: string | undefined = command,
): ConvoyStatus => ({
  ...{ convoy: name, title: name, planHash: 'x', state: 'done', failure: undefined },
  rigs: [{ rig: 'app', target: 'gastown/main', takeOver, sandbox: 'bwrap' }],
  epics: [
    {
      ...{
        convoy: name,
        epic: name,
        rig: 'app',
        target: 'gastown/main',
        paused: undefined,
        maxParallel: 1,
        waves: 1,
      },
      beads: [
        {
          ...{
            bead: 'one',
            title: 'One',
            state: 'landed',
            wave: 0,
            needs: [],
            commit,
            nothingToChange: false,
          },
          ...{ polecat: '', model: '', turns: 1, tokens: 1, ms: 1, failure: undefined },
        },
      ],
    },
  ],
  tokens: { granted: undefined, spent: 1 },
});

const queue = (upstream?: RefineryStatus['upstream']): RefineryStatus => ({
  ...{ rig: 'app', target: 'gastown/main', queue: [], landed: 1, sentBack: 0, tip: 'c', stopped: undefined },
  upstream,
});

test('what a convoy landed beside a person’s branch waits for them, once for each rig, after its end as well', () => {
  expect(takeOversOf([convoy('new', 'c', 'the newest'), convoy('old', 'c')], [queue()])).toEqual([
    { rig: 'app', target: 'gastown/main', command: 'the newest' },
  ]);
});

test('nothing waits before anything has landed, nor where the town moves the branch itself', () => {
  expect(takeOversOf([convoy('c', undefined)], [queue()])).toEqual([]);
  expect(takeOversOf([{ ...convoy('c', 'c'), rigs: [] }], [queue()])).toEqual([]);
});

test('a checkout that the Refinery brings along waits only while something is in its way', () => {
  expect(takeOversOf([convoy('c', 'c')], [queue({ branch: 'main', behind: undefined })])).toEqual([]);
  const behind = { what: 'dirty', evidence: '', next: 'git -C /app stash' };
  expect(takeOversOf([convoy('c', 'c')], [queue({ branch: 'main', behind })])).toEqual([
    { rig: 'app', target: 'gastown/main', command: 'git -C /app stash' },
  ]);
});
