import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BeadStanding,
  type DirectGround,
  type DirectRequest,
  directChecks,
  directSteps,
  refusalOf,
} from '../../../../workflows/domain/queue/direct.ts';

const of = { kind: 'bead', bead: 'demo/core/one' } as const;
const request: DirectRequest = { id: 'r', by: 'ada' };
const tip = 'a'.repeat(40);
const conflict = { type: 'MergeConflict', what: 'w', evidence: 'e', next: 'n' } as const;
const bead = (state: BeadStanding['state'], isRunning = true): BeadStanding => ({
  ...{ isRunning, state, title: 'One', polecat: 'Nux', model: 'm' },
  lands: { rig: 'app', target: 'main', taskRef: 't' },
});
const ground: DirectGround & { readonly target: string } = { tip, how: 'merge', target: 'main' };
const dirty = { folder: '/home/town/x', paths: ['src/a.ts', 'b\u001b[31m.ts'], count: 2 };

describe('what is looked at before a direct landing', () => {
  test.each(['parked', 'queued'] as const)('a bead that is %s has no polecat at work', (state) => {
    expect(refusalOf(directChecks(of, request, { ...ground, bead: bead(state) }))).toBeUndefined();
  });

  test('nor has one that has ended, however it did', () => {
    expect(
      refusalOf(directChecks(of, request, { ...ground, bead: bead('inferring', false) })),
    ).toBeUndefined();
  });

  test.each(['opening', 'composing', 'inferring', 'applying', 'gates', 'reviewing', 'rebasing'] as const)(
    'G10: at %s its polecat is at work: refused, with the command that stops it',
    (state) => {
      expect(refusalOf(directChecks(of, request, { ...ground, bead: bead(state) }))).toMatchObject({
        type: 'PolecatAtWork',
        what: expect.stringContaining('Nux is at work on it'),
        next: expect.stringContaining('gt stop demo/core/one'),
      });
    },
  );

  test('G9, G10: files that no commit holds are named, and none acts on a terminal', () => {
    const refusal = refusalOf(directChecks(of, request, { ...ground, bead: bead('parked'), dirty }));
    expect(refusal).toMatchObject({ type: 'WorktreeDirty', evidence: expect.stringContaining('src/a.ts') });
    expect(refusal?.evidence).not.toContain('\u001b');
  });

  test('--force passes over the first two, and nothing passes over a conflict', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('parked' as const, 'queued' as const, 'inferring' as const, 'gates' as const),
        fc.boolean(),
        fc.constantFrom('fastForward' as const, 'merge' as const, 'conflict' as const),
        fc.option(fc.constant('the shop is down'), { nil: undefined }),
        (state, isDirty, how, untested) => {
          const seen = {
            ...{ ...ground, how, bead: bead(state) },
            ...(isDirty ? { dirty } : {}),
            ...(how === 'conflict' ? { conflict } : {}),
          };
          const forced: DirectRequest = {
            ...{ ...request, force: true },
            ...(untested === undefined ? {} : { untested }),
          };
          const checks = directChecks(of, forced, seen);
          expect(checks.map(({ name }) => name)).toEqual(['polecat', 'work tree', 'merge', 'gates']);
          expect(refusalOf(checks)?.type).toBe(how === 'conflict' ? 'MergeConflict' : undefined);
          const { force: _, ...careful } = forced;
          const isStill = state === 'parked' || state === 'queued';
          const isFree = isStill && !isDirty && how !== 'conflict';
          expect(refusalOf(directChecks(of, careful, seen)) === undefined).toBe(isFree);
        },
      ),
    );
  });

  test('what would be done is told, and differs by whether the gates run', () => {
    const where = { rig: 'app', target: 'main', upstream: undefined };
    expect(directSteps({ untested: undefined }, where).join(' ')).toContain('as a hotfix');
    expect(directSteps({ untested: 'x' }, where).join(' ')).toContain('Nothing else lands until');
  });
});
