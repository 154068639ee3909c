import { describe, expect, it } from 'vitest';
import type { OpenSubmission } from '../../../workflows/ports.ts';
import { type TempRepo, tempRepo } from '../../support/repo.ts';
import { failureOf, townWith } from './town.ts';

const request = (branch: string, more: Partial<OpenSubmission> = {}): OpenSubmission => ({
  ...{ rig: 'r', branch, name: 'own', target: undefined, title: undefined },
  ...more,
});

/** A bare source with a branch `own` of two commits. */
const source = async (): Promise<{ repo: TempRepo; head: string }> => {
  const repo = await tempRepo({ bare: true, files: { 'a.txt': 'a\n' } });
  await repo.git('branch', 'own', 'main');
  await repo.commitTo('own', { 'b.txt': 'b\n' }, 'first');
  return { repo, head: await repo.commitTo('own', { 'c.txt': 'c\n' }, 'second \u001b[31mof two') };
};

describe('opening a branch of a person', () => {
  it('keeps its commit, says where it left the target and what it is; repeated the same (G5), closed nothing is left', async () => {
    const { repo, head } = await source();
    await using _ = repo;
    await using town = await townWith(repo.path);
    const base = await repo.revParse('main');
    const opened = await town.rig.openSubmission(request('own'));
    expect(opened).toMatchObject({ target: 'main', upstream: undefined, head, base, commits: 2 });
    expect(opened.title).toBe('own: second of two');
    expect(await town.blobs.get(opened.taskRef)).toContain(head);
    expect(await town.rig.openSubmission(request('own'))).toEqual(opened);
    expect(await town.bare.revParse('refs/gt/submit/own')).toBe(head);
    await town.rig.closeSubmission({ rig: 'r', name: 'own' });
    await town.rig.closeSubmission({ rig: 'r', name: 'own' });
    expect(await town.bare.git('for-each-ref', 'refs/gt/submit')).toBe('');
  });

  it('finds that the target has all of it', async () => {
    const { repo, head } = await source();
    await using _ = repo;
    await using town = await townWith(repo.path);
    await repo.git('update-ref', 'refs/heads/main', head);
    expect(await town.rig.openSubmission(request('own'))).toMatchObject({ head, base: head, commits: 0 });
  });

  it('is for another branch when asked, and for the town’s own where that is checked out', async () => {
    await using repo = await tempRepo({ files: { 'a.txt': 'a\n' } });
    await repo.git('branch', 'stable');
    await repo.git('branch', 'own');
    await repo.commitTo('own', { 'b.txt': 'b\n' });
    await using town = await townWith(repo.path);
    expect(await town.rig.openSubmission(request('own'))).toMatchObject({
      target: 'gastown/main',
      upstream: 'main',
    });
    expect(await town.rig.openSubmission(request('own', { target: 'stable' }))).toMatchObject({
      target: 'stable',
      upstream: undefined,
    });
  });
});

describe('G10: a branch that cannot be submitted is refused by name', () => {
  const cases: readonly (readonly [string, OpenSubmission, RegExp, RegExp])[] = [
    ['missing', request('nowhere'), /has no branch nowhere/, /git -C .* branch nowhere/],
    ['the target', request('main'), /main cannot be submitted to itself/, /--target/],
    ['the town’s own', request('gastown/main'), /to itself/, /of your own/],
    ['for a branch that is not there', request('own', { target: 'x' }), /no branch x to land on/, /is there/],
    ['unrelated', request('orphan'), /no commit in common/, /rebase --onto main --root/],
    ['with submodules', request('sub'), /submodule/, /without submodules/],
    ['a ref and no branch', request('../../gt/target/main'), /has no branch/, /./],
  ];
  it.each(cases)('%s', async (_, asked, what, next) => {
    const { repo, head } = await source();
    await using __ = repo;
    const tree = await repo.git('rev-parse', 'main^{tree}');
    await repo.git('update-ref', 'refs/heads/orphan', await repo.git('commit-tree', tree, '-m', 'alone'));
    await addSubmodule(repo, head);
    await using town = await townWith(repo.path);
    const failure = await failureOf(town.rig.openSubmission(asked));
    expect(failure).toMatchObject({ type: 'RigUnusable', what: expect.stringMatching(what) });
    expect(failure.next).toMatch(next);
    expect(await town.bare.git('for-each-ref', 'refs/gt/submit')).toBe('');
  });
});

const addSubmodule = async (repo: TempRepo, commit: string): Promise<void> => {
  await using work = await tempRepo();
  await work.git('fetch', '-q', repo.path, 'own');
  await work.git('switch', '-q', '-c', 'sub', 'FETCH_HEAD');
  await work.git('update-index', '--add', '--cacheinfo', `160000,${commit},lib/sub`);
  await work.git('commit', '-q', '-m', 'a submodule');
  await work.git('push', '-q', '-f', repo.path, 'sub');
};
