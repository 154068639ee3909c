import { ActivityFailure, TimeoutFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { usageFrom } from '../../workflows/activityFailure.ts';
import type { BeadSpec } from '../../workflows/domain/bead/bead.ts';
import { openLedger, reserve } from '../../workflows/domain/budget/allowance.ts';
import { newBoard } from '../../workflows/domain/epicBoard.ts';
import { noUsage } from '../../workflows/domain/host/model.ts';
import { type EpicDesk, type Purse, statusOf } from '../../workflows/epic/desk.ts';
import { settleBead } from '../../workflows/epic/purse.ts';

test('G7: what a killed process said in its last beat is charged', () => {
  const usage = { calls: 2, promptTokens: 300, completionTokens: 20, estimated: true };
  const lost = new TimeoutFailure('activity Heartbeat timeout', { usage, host: 'host' }, 'HEARTBEAT');
  const failure = new ActivityFailure(
    'Activity task timed out',
    'infer',
    '7',
    'MAXIMUM_ATTEMPTS_REACHED',
    '',
    lost,
  );
  expect(usageFrom(failure)).toEqual(usage);
});

const caps = { turns: 9, tokens: 1_000, wallMs: 60_000, attempts: 3 };
const spec: BeadSpec = {
  id: 'one',
  title: 'one',
  taskRef: 'f'.repeat(64),
  needs: [],
  files: [],
  tier: undefined,
  gates: [],
  approvedFiles: [],
};

const deskWith = (purse: Partial<Purse>): EpicDesk => ({
  input: {
    convoy: 'c',
    plan: { id: 'e', rig: 'rig' },
    rig: { target: 'main' },
    settings: {},
  } as unknown as EpicDesk['input'],
  board: newBoard([spec], caps),
  names: [],
  paused: undefined,
  stopping: undefined,
  maxParallel: 1,
  purse: {
    ledger: reserve(openLedger(1_000), 'one', 1_000).ledger,
    money: openLedger(undefined),
    asking: false,
    refused: true,
    refusedUntil: undefined,
    ...purse,
  },
  room: { lookedAt: undefined, looking: false, short: undefined },
  version: 0,
  starting: 0,
  troubles: 0,
  parkedFor: undefined,
  spentBefore: noUsage,
});

test('an epic that was refused tokens asks again when a bead ends, and keeps the date until the answer', () => {
  const desk = deskWith({ refusedUntil: 1_800_000_000_000 });
  const one = desk.board.get('one');
  if (one === undefined) throw new Error('no bead');
  settleBead(desk, one);
  expect(desk.purse).toMatchObject({ refused: false, refusedUntil: 1_800_000_000_000 });
  expect(statusOf(desk).paused).toContain('budget of the day');
});

test('G10: an epic that waits for the budget of its convoy says so, and what to do', () => {
  expect(statusOf(deskWith({})).paused).toContain('gt budget raise c N');
  expect(statusOf(deskWith({ refused: false })).paused).toBeUndefined();
});
