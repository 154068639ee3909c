import { describe, expect, it } from 'vitest';
import { newLife, startTurn, unanswered } from '../../../../workflows/domain/bead/beadLife.ts';
import { limitOf } from '../../../../workflows/domain/bead/limit.ts';
import {
  callTimeout,
  failedAgain,
  isTrouble,
  lookedAt,
  pauseAfter,
  type Trouble,
  waitingFor,
} from '../../../../workflows/domain/bead/trouble.ts';
import type { Failure, FailureType } from '../../../../workflows/domain/failure.ts';
import { defaultPace } from '../../../../workflows/domain/pace.ts';

const failure = (type: FailureType): Failure => ({ type, what: 'w', evidence: 'e', next: 'n' });
const at = (since: number, type: FailureType = 'StreamCut') => ({ since, failure: failure(type) });

/** So many failed calls in a row, at the seconds 1, 2, 3, … */
const after = (calls: number, type?: FailureType): Trouble => {
  let trouble: Trouble | undefined;
  for (let n = 1; n <= calls; n++) trouble = failedAgain(trouble, 'm', at(n * 1_000, type));
  if (trouble === undefined) throw new Error('no calls');
  return trouble;
};

describe('trouble of the town', () => {
  it('is what a host, a lease or a worker did; what a person has to mend is not', () => {
    const passing: readonly FailureType[] = [
      'HostDown',
      'StreamStalled',
      'LeaseLost',
      'WorkerLost',
      'CallTimeout',
    ];
    for (const type of passing) expect(isTrouble(failure(type)), type).toBe(true);
    for (const type of ['ContextOverflow', 'BlobMissing', 'ModelMissing', 'GitFailed'] as const) {
      expect(isTrouble(failure(type)), type).toBe(false);
    }
  });

  it('makes the pause before the next call grow, and not without end', () => {
    const pauses = [1, 2, 3, 7, 8, 300].map((calls) => pauseAfter(after(calls), defaultPace));
    expect(pauses).toEqual([1_000, 2_000, 4_000, 64_000, 120_000, 120_000]);
  });

  it('G10: is told since the first call that failed, with the failure of the last', () => {
    const trouble = failedAgain(after(2), 'm', at(9_000, 'HostBusy'));
    expect(waitingFor(trouble)).toEqual({ since: 1_000, failure: failure('HostBusy') });
    expect(trouble.failed).toMatchObject({ calls: 3, timeouts: 0 });
    expect(after(3, 'CallTimeout').failed?.timeouts).toBe(3);
  });

  it('is a closed host while it is closed, and then again the calls that failed', () => {
    const closed = lookedAt(after(1), 'm', at(5_000, 'HostDown'));
    expect(waitingFor(closed)?.failure.type).toBe('HostDown');
    expect(waitingFor(lookedAt(closed, 'm', undefined))?.failure.type).toBe('StreamCut');
    expect(lookedAt(lookedAt(undefined, 'm', at(5_000)), 'm', undefined)).toBeUndefined();
  });

  it('takes no turn from the bead, and is the evidence when its time is up', () => {
    const caps = { turns: 1, tokens: 1_000, wallMs: 10, attempts: 3 };
    const life = unanswered(startTurn(newLife(caps)));
    expect(life).toMatchObject({ turn: 1, spent: { turns: 0 } });
    expect(limitOf(life, 'c/e/b', 1)).toEqual({ kind: 'go' });
    const late = { ...life, spent: { ...life.spent, wallMs: 10 } };
    expect(limitOf(late, 'c/e/b', 1, failure('HostDown'))).toMatchObject({
      failure: { type: 'BudgetExhausted', evidence: 'HostDown: w\ne' },
    });
  });

  it('G10: a call that ran out of its time names the setting, and the host that had it', () => {
    expect(callTimeout('coder', 1_200_000, 'pit')).toMatchObject({
      type: 'CallTimeout',
      evidence: expect.stringContaining('pit'),
      next: expect.stringContaining('models.coder.callTimeout'),
    });
  });
});
