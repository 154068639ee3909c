import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ownBranchName } from '../../client/ownBranch.ts';
import { ownBranchLines } from '../../client/render/ownBranch.ts';
import { terminalOf } from '../../client/render/terminal.ts';
import { isSlug } from '../../workflows/domain/naming.ts';
import type { OwnBranchStatus } from '../../workflows/domain/queue/ownBranch.ts';

describe('the name of a submitted branch', () => {
  test('is the branch itself where it can be', () => expect(ownBranchName('fix-login')).toBe('fix-login'));

  test('is always a slug, and never the same for two branches', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (one, other) => {
        expect(isSlug(ownBranchName(one))).toBe(true);
        if (one !== other) expect(ownBranchName(one)).not.toBe(ownBranchName(other));
      }),
    );
    expect(ownBranchName('Feature/A')).not.toBe(ownBranchName('feature/a'));
    expect(ownBranchName(`${'x'.repeat(60)}a`)).not.toBe(ownBranchName(`${'x'.repeat(60)}b`));
  });
});

describe('what a person reads of it', () => {
  const status: OwnBranchStatus = {
    ...{
      rig: 'app',
      branch: 'fix',
      state: 'landed',
      target: 'gastown/main',
      upstream: 'main',
      title: 'fix: it',
    },
    ...{
      head: 'a'.repeat(40),
      commits: 2,
      commit: 'b'.repeat(40),
      failure: undefined,
      evidenceRef: undefined,
    },
  };
  const lines = (more: Partial<OwnBranchStatus>): string =>
    ownBranchLines({ ...status, ...more }, terminalOf({}, {})).join('\n');

  test('landed: where, and as what', () => {
    expect(lines({})).toBe(`app fix for main: landed as ${'b'.repeat(10)} on gastown/main`);
    expect(lines({ commit: undefined, commits: 0 })).toBe('app fix for main: main has it all');
  });

  test('queued: how to wait', () =>
    expect(lines({ state: 'queued' })).toBe(
      'app fix for main: in the refinery (merge queue)\n  2 commits; wait for the verdict: gt submit fix --wait',
    ));

  test('G9, G10: sent back in three parts, without the escapes of who wrote them', () =>
    expect(
      lines({
        state: 'sentBack',
        branch: 'fix\u001b[2J',
        failure: { type: 'GateRed', what: 'Red\u001b[31m.', evidence: 'test: x', next: 'Repair it.' },
      }),
    ).toBe('app fix for main: sent back\n  GateRed: Red.\n    test: x\n  Next: Repair it.'));
});
