import { describe, expect, test } from 'vitest';
import {
  acceptedBead,
  boardProposals,
  mostProposals,
  type Proposal,
  withProposals,
} from '../../../../workflows/domain/bead/proposal.ts';

const proposal = (id: string): Proposal => ({ id, title: id, taskRef: 'f'.repeat(64), files: ['a.ts'] });
const many = (count: number, from = 0): Proposal[] =>
  Array.from({ length: count }, (_, n) => proposal(`p${from + n}`));

describe('what a bead proposes', () => {
  test('adds up over its turns, each once, and has an end', () => {
    expect(withProposals(undefined, undefined)).toBeUndefined();
    expect(withProposals(undefined, [])).toBeUndefined();
    const two = withProposals(many(2), many(2, 1));
    expect(two?.map(({ id }) => id)).toEqual(['p0', 'p1', 'p2']);
    expect(withProposals(many(8), many(8, 8))).toHaveLength(mostProposals.perBead);
  });
});

describe('what an epic shows of it', () => {
  const bead = (id: string, proposals?: readonly Proposal[]) => [id, { spec: { id }, proposals }] as const;

  test('each proposal once, with where it was found and what a person said', () => {
    const board = new Map([
      bead('one', [proposal('a'), proposal('b')]),
      bead('two', [proposal('b'), proposal('c')]),
      bead('a'),
    ]);
    expect(boardProposals(board, new Set(['c'])).map(({ id, from, state }) => [id, from, state])).toEqual([
      ['a', 'one', 'accepted'],
      ['b', 'one', 'waiting'],
      ['c', 'two', 'dismissed'],
    ]);
  });

  test('of four hundred talkative beads no more than a payload holds', () => {
    const board = new Map(Array.from({ length: 400 }, (_, n) => bead(`bead-${n}`, many(10, n * 10))));
    expect(boardProposals(board, new Set())).toHaveLength(mostProposals.perEpic);
  });
});

describe('what an accepted one becomes', () => {
  const found = { ...proposal('a'), from: 'one', state: 'waiting' } as const;

  test.each(['landed', 'working', 'pending', 'parked'])('waits for the bead that found it: %s', (state) => {
    expect(acceptedBead(found, state).needs).toEqual(['one']);
  });

  test.each(['blocked', 'cancelled', 'held', undefined])('does not wait for one that is %s', (state) => {
    expect(acceptedBead(found, state).needs).toEqual([]);
  });

  test('G9: never brings leave to change gates', () => {
    expect(acceptedBead({ ...found, ...{ approvedFiles: ['package.json'] } }, 'landed')).toEqual({
      ...{ id: 'a', title: 'a', taskRef: 'f'.repeat(64), files: ['a.ts'], needs: ['one'] },
      ...{ tier: undefined, gates: [], approvedFiles: [] },
    });
  });
});
