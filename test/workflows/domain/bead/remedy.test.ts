import { describe, expect, test } from 'vitest';
import { handedOver } from '../../../../workflows/domain/bead/beadHandover.ts';
import {
  type BeadLife,
  newLife,
  opened,
  resumed,
  startTurn,
  unanswered,
} from '../../../../workflows/domain/bead/beadLife.ts';
import { applied, gatesGreen, refused, sentBack } from '../../../../workflows/domain/bead/beadOutcome.ts';
import { remedyOf } from '../../../../workflows/domain/bead/remedy.ts';

describe('a polecat that goes round in circles', () => {
  const watched = opened(newLife({ turns: 99, tokens: 10_000, wallMs: 60_000, attempts: 50 }, true), {
    base: 'a',
    head: 'a',
  });
  const malformed = { kind: 'malformed', summary: 'no path before the block', ref: 'e'.repeat(64) } as const;
  const again = (life: BeadLife): BeadLife => refused(startTurn(life), malformed, 'same');

  test('is told so, then begins afresh, then another model goes on, and only then a person is asked', () => {
    let life = again(watched);
    expect(remedyOf(life, 'c/e/b', 2)).toEqual({ kind: 'none' });
    const seen: string[] = [];
    for (let turn = 0; turn < 20; turn++) {
      life = again(life);
      const remedy = remedyOf(life, 'c/e/b', 2);
      if (remedy.kind !== 'none') seen.push(remedy.kind);
      if (remedy.kind === 'blocked') {
        expect(remedy.failure).toMatchObject({ type: 'Stalled', next: expect.stringContaining('c/e/b') });
        // What the bead shows of its circles and what its failure says of them is one count.
        expect(remedy.failure.what).toContain(remedy.life.stall?.split(':')[0]);
        break;
      }
      if (remedy.kind === 'nudge')
        expect(remedy.life.feedback.at(-1)?.nudge).toContain('exactly this reply 2 times');
      if (remedy.kind === 'fresh') life = handedOver(remedy.life, 'note', undefined);
      else if (remedy.kind !== 'none') life = remedy.life;
    }
    expect(seen).toEqual(['nudge', 'fresh', 'climb', 'nudge', 'fresh', 'blocked']);
    expect(life.spent.turns).toBeLessThan(14);
  });

  test('is told so once, however often its turn has to be taken again', () => {
    const remedy = remedyOf(again(again(watched)), 'c/e/b', 2);
    if (remedy.kind !== 'nudge') throw new Error(remedy.kind);
    expect(remedyOf(unanswered(startTurn(remedy.life)), 'c/e/b', 2)).toEqual({ kind: 'none' });
    expect(remedyOf(resumed(remedy.life, {}), 'c/e/b', 2)).toEqual({ kind: 'none' });
  });

  test('has come out of them when its gates are green: being sent back is another matter', () => {
    const remedy = remedyOf(again(again(watched)), 'c/e/b', 2);
    if (remedy.kind !== 'nudge') throw new Error(remedy.kind);
    const green = gatesGreen(applied(startTurn(remedy.life), 'b'));
    const back = sentBack(green, { kind: 'conflict', summary: 'src/a.txt', ref: '' });
    expect(remedyOf(back, 'c/e/b', 2)).toEqual({ kind: 'none' });
  });

  test('of before there were such rules is left alone, so that its history replays', () => {
    let life = opened(newLife({ turns: 99, tokens: 10_000, wallMs: 60_000, attempts: 50 }), {
      base: 'a',
      head: 'a',
    });
    for (let turn = 0; turn < 10; turn++) life = again(life);
    expect(life.marks).toBeUndefined();
    expect(remedyOf(life, 'c/e/b', 2)).toEqual({ kind: 'none' });
  });
});
