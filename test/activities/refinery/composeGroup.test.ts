import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { repoAt, tempRepo } from '../../support/repo.ts';
import { refineryTown, submission } from './town.ts';

const lines = (...texts: readonly string[]): string => `${texts.join('\n')}\n`;

describe('composing a group', () => {
  it('I2: makes one commit per bead with its trailers, and one group commit whose first parent is the tip', async () => {
    await using town = await refineryTown();
    const one = await town.bead('one', { 'one.txt': '1\n' });
    const two = await town.bead('two', { 'two.txt': '2\n' });
    const group = await town.compose(one, two);

    const tip = await town.remote.revParse('main');
    expect(group.base).toBe(tip);
    expect(group.members.map((member) => member.bead)).toEqual(['c/e/one', 'c/e/two']);
    const commit = group.commit as string;
    expect(await town.bare.git('log', '-1', '--format=%P', commit)).toBe(
      `${tip} ${group.members[1]?.commit}`,
    );
    expect(await town.bare.git('log', '--reverse', '--format=%H', `${tip}..${commit}^2`)).toBe(
      group.members.map((member) => member.commit).join('\n'),
    );
    expect(await town.bare.show(commit, 'one.txt')).toBe('1\n');
    expect(await town.bare.git('rev-parse', `${commit}^{tree}`)).toBe(group.tree);
    const message = await town.bare.git('log', '-1', '--format=%B', group.members[0]?.commit as string);
    expect(message).toBe(
      [
        'Add one',
        '',
        'Bead: c/e/one',
        'Epic: e',
        'Convoy: c',
        'Bead-Task: task-of-one',
        `Bead-Head: ${one.head}`,
        'Polecat: Rusty',
        'Model: qwen',
        `Gate-Hash: ${group.gateHash}`,
      ].join('\n'),
    );
    expect(await town.bare.git('log', '-1', '--format=%B', commit)).toMatch(
      /^Land 2 beads\n\n- c\/e\/one Add one\n- c\/e\/two Add two\n\nGroup: [0-9a-f]{40}\nGate-Hash: /,
    );
    expect(await town.bare.git('for-each-ref', '--format=%(objectname)', 'refs/gt/group')).toBe(commit);
    expect(await town.bare.revParse('refs/gt/target/main')).toBe(tip);
  });

  it('keeps the commits of a person’s own branch: a merge on the chain, without a polecat’s trailers', async () => {
    await using town = await refineryTown();
    const one = await town.bead('one', { 'one.txt': '1\n' });
    await town.bead('own', { 'own.txt': 'a\n' });
    const head = await town.bare.commitTo('gt/c/e/own', { 'own.txt': 'b\n' }, 'second of two');
    const key = 'submission/rig/own';
    const base = await town.remote.revParse('main');
    const own = { ...submission('own', head, base), bead: key, keepsHistory: true } as const;
    const group = await town.compose(one, own);
    expect(group.members.map(({ bead }) => bead)).toEqual(['c/e/one', key]);
    const [bead, merge] = group.members.map(({ commit }) => commit) as [string, string];
    expect(await town.bare.git('log', '-1', '--format=%P', merge)).toBe(`${bead} ${head}`);
    expect(await town.bare.git('log', '-1', '--format=%B', merge)).toBe(
      [
        ...['Add own', '', `Bead: ${key}`, 'Bead-Task: task-of-own', `Bead-Head: ${head}`],
        `Gate-Hash: ${group.gateHash}`,
      ].join('\n'),
    );
    expect((await town.compose(one, { ...own, keepsHistory: undefined } as never)).commit).not.toBe(
      group.commit,
    );

    // G1, G5: found on the target once it is there, without a claim of any convoy.
    await town.test(group);
    await town.land(group);
    expect((await town.compose(own)).landed).toMatchObject([{ bead: key, commit: merge }]);
  });

  it('G5: composed again, also in another copy, the same group is the same commit', async () => {
    await using town = await refineryTown();
    const one = await town.bead('one', { 'one.txt': '1\n' });
    const two = await town.bead('two', { 'two.txt': '2\n' });
    const first = await town.compose(one, two);
    expect(await town.compose(one, two)).toEqual(first);
    await using other = await refineryTown({ remote: town.remote });
    await other.bare.git('fetch', '-q', town.bare.path, '+refs/heads/gt/*:refs/heads/gt/*');
    expect((await other.compose(one, two)).commit).toBe(first.commit);
    expect((await town.compose(two, one)).commit).not.toBe(first.commit);
  });

  it('takes the tip that the remote has now, and puts work from an older base on it', async () => {
    await using town = await refineryTown();
    const one = await town.bead('one', { 'one.txt': '1\n' });
    const theirs = await town.remote.commitTo('main', { 'theirs.txt': 'x\n' });
    const group = await town.compose(one);
    expect(group.base).toBe(theirs);
    expect(await town.bare.show(group.commit as string, 'theirs.txt')).toBe('x\n');
  });

  it('tells who conflicts with the target itself, with paths and hunks for the model', async () => {
    await using town = await refineryTown();
    const one = await town.bead('one', { 'a.txt': 'mine\n' });
    await town.remote.commitTo('main', { 'a.txt': 'theirs\n' });
    const group = await town.compose(one);
    expect(group.commit).toBeUndefined();
    expect(group.conflicts).toHaveLength(1);
    const [conflict] = group.conflicts;
    expect(conflict).toMatchObject({ bead: 'c/e/one', attempt: 1, head: one.head });
    expect(conflict?.failure.type).toBe('MergeConflict');
    expect(conflict?.failure.what).toContain('a.txt');
    expect(conflict?.failure.evidence).toContain('CONFLICT (content)');
    const evidence = await town.blobs.get(conflict?.evidenceRef as string);
    expect(evidence).toContain('theirs\n=======\nmine');
  });

  it('I4: leaves out who only conflicts with others of the group', async () => {
    await using town = await refineryTown();
    const one = await town.bead('one', { 'a.txt': 'one\n' });
    const two = await town.bead('two', { 'a.txt': 'two\n' });
    const three = await town.bead('three', { 'three.txt': '3\n' });
    const group = await town.compose(one, two, three);
    expect(group.members.map((member) => member.bead)).toEqual(['c/e/one', 'c/e/three']);
    expect(group.conflicts).toEqual([]);
    expect(group.landed).toEqual([]);
  });

  it('G1: tells who has landed already, by trailers and not by receipts', async () => {
    await using town = await refineryTown();
    await town.bare.git('update-ref', 'refs/gt/convoy/c', await town.remote.revParse('main'));
    const one = await town.bead('one', { 'one.txt': '1\n' });
    const landed = await town.through(one);
    for (const ref of (await town.bare.git('for-each-ref', '--format=%(refname)', 'refs/gt/landed')).split(
      '\n',
    )) {
      await town.bare.git('update-ref', '-d', ref);
    }
    const again = await town.compose(one, await town.bead('two', { 'two.txt': '2\n' }));
    expect(again.landed).toEqual([landed.members[0]]);
    expect(again.members.map((member) => member.bead)).toEqual(['c/e/two']);
    // Another text under the same name is other work.
    const other = await town.compose({ ...one, taskRef: 'task-of-one-2' });
    expect(other.landed).toEqual([]);
  });

  it('records a change that is on the target already as an empty commit with trailers', async () => {
    await using town = await refineryTown();
    const one = await town.bead('one', { 'one.txt': '1\n' });
    await town.remote.commitTo('main', { 'one.txt': '1\n' });
    const group = await town.compose(one);
    expect(group.tree).toBe(group.baseTree);
    await town.test(group);
    expect(await town.land(group)).toMatchObject({ outcome: 'landed' });
    expect((await town.compose(one)).landed).toHaveLength(1);
  });

  it('sends back a submission whose commit is gone, and goes on with the others', async () => {
    await using town = await refineryTown();
    const gone = submission('gone', 'deadbeef'.repeat(5), await town.remote.revParse('main'));
    const one = await town.bead('one', { 'one.txt': '1\n' });
    const group = await town.compose(gone, one);
    expect(group.conflicts).toMatchObject([{ bead: 'c/e/gone', failure: { type: 'GitFailed' } }]);
    expect(group.members).toHaveLength(1);
  });

  it('takes unrelated histories for a conflict', async () => {
    await using town = await refineryTown();
    const tree = await town.bare.git('rev-parse', 'refs/remotes/origin/main^{tree}');
    const orphan = await town.bare.git('commit-tree', tree, '-m', 'orphan');
    const group = await town.compose(submission('orphan', orphan, orphan));
    expect(group.conflicts).toMatchObject([{ bead: 'c/e/orphan', failure: { type: 'MergeConflict' } }]);
  });

  it('honours merge=union although the repository is bare, and takes no other attribute over', async () => {
    await using town = await refineryTown({
      files: { 'log.md': 'start\n', '.gitattributes': '# notes\n*.md merge=union text\n*.png binary\n' },
    });
    const one = await town.bead('one', { 'log.md': 'start\none\n' });
    const two = await town.bead('two', { 'log.md': 'start\ntwo\n' });
    const group = await town.compose(one, two);
    expect(group.members).toHaveLength(2);
    expect(await town.bare.show(group.commit as string, 'log.md')).toBe('start\none\ntwo\n');
    expect(await readFile(`${town.bare.path}/info/attributes`, 'utf8')).toBe(
      '*.md merge=union\n*.png -merge\n',
    );
  });

  it('follows a file that the target renamed meanwhile', async () => {
    const text = Array.from({ length: 20 }, (_, n) => `line ${n}`);
    await using town = await refineryTown({ files: { 'old.txt': lines(...text) } });
    const one = await town.bead('one', { 'old.txt': lines('first', ...text) });
    await town.remote.commitTo('main', { 'old.txt': null, 'new.txt': lines(...text) });
    const group = await town.compose(one);
    expect(group.conflicts).toEqual([]);
    expect(await town.bare.show(group.commit as string, 'new.txt')).toBe(lines('first', ...text));
  });

  it('G9: a title cannot bring trailers, line breaks or terminal escapes', async () => {
    await using town = await refineryTown();
    const one = await town.bead('one', { 'one.txt': '1\n' });
    const hostile = { ...one, title: 'Nice\n\nBead: c/e/other\nBead-Task: t\n\u001b[31mred\u202e' };
    const group = await town.compose(hostile);
    const commit = group.members[0]?.commit as string;
    expect(await town.bare.git('log', '-1', '--format=%(trailers:key=Bead,valueonly)', commit)).toBe(
      'c/e/one',
    );
    expect(await town.bare.git('log', '-1', '--format=%s', commit)).toBe(
      'Nice Bead: c/e/other Bead-Task: t red',
    );
  });

  it('looks at the target when it has no members', async () => {
    await using town = await refineryTown();
    const look = await town.compose();
    expect(look).toMatchObject({ base: await town.remote.revParse('main'), commit: undefined, members: [] });
  });

  it('says when the target branch is gone', async () => {
    await using town = await refineryTown({ target: { target: 'nowhere' } });
    await expect(town.compose()).rejects.toMatchObject({ type: 'RigUnusable' });
  });

  it('keeps a bounded number of groups', async () => {
    await using town = await refineryTown();
    const one = await town.bead('one', { 'one.txt': '1\n' });
    const old = Array.from({ length: 140 }, (_, n) => `create refs/gt/group/${n} ${one.head}\n`).join('');
    await execa('git', ['update-ref', '--stdin'], { cwd: town.bare.path, input: old });
    await town.compose(one);
    const kept = (await town.bare.git('for-each-ref', 'refs/gt/group')).split('\n');
    expect(kept).toHaveLength(129);
  });
});

describe('composing on the town’s own branch', () => {
  const onTownBranch = { target: { target: 'gastown/main', upstream: 'main' } };

  it('begins it at its upstream and creates it by landing', async () => {
    await using town = await refineryTown(onTownBranch);
    const one = await town.bead('one', { 'one.txt': '1\n' });
    const group = await town.through(one);
    expect(group.base).toBe(await town.remote.revParse('main'));
    expect(await town.remote.revParse('gastown/main')).toBe(group.commit);
  });

  it('merges the person’s branch as a group of its own when it moved, and nothing else', async () => {
    await using town = await refineryTown(onTownBranch);
    await town.through(await town.bead('one', { 'one.txt': '1\n' }));
    const theirs = await town.remote.commitTo('main', { 'theirs.txt': 'x\n' });
    const two = await town.bead('two', { 'two.txt': '2\n' });
    const merge = await town.compose(two);
    expect(merge).toMatchObject({ members: [], upstream: { tip: theirs, conflict: undefined } });
    expect((await town.compose(two)).commit).toBe(merge.commit);
    await town.test(merge);
    await town.land(merge);
    const after = await town.through(two);
    expect(after.upstream).toBeUndefined();
    expect(await town.bare.show(after.commit as string, 'theirs.txt')).toBe('x\n');
    // A person takes it over by a fast-forward, and that is no news.
    await town.remote.git('update-ref', 'refs/heads/main', 'refs/heads/gastown/main');
    expect((await town.compose()).upstream).toBeUndefined();
  });

  it('says which files of the person’s branch conflict', async () => {
    await using town = await refineryTown(onTownBranch);
    await town.through(await town.bead('one', { 'a.txt': 'ours\n' }));
    await town.remote.commitTo('main', { 'a.txt': 'theirs\n' });
    const group = await town.compose();
    expect(group.commit).toBeUndefined();
    expect(group.upstream?.conflict).toMatchObject({ type: 'MergeConflict' });
    expect(group.upstream?.conflict?.what).toContain('a.txt');
  });

  it('works in a rig that is a path with the person’s branch checked out', async () => {
    const work = await tempRepo({ files: { 'a.txt': 'a\n' } });
    await using town = await refineryTown({ ...onTownBranch, remote: work });
    await town.through(await town.bead('one', { 'one.txt': '1\n' }));
    expect(await repoAt(work.path).show('gastown/main', 'one.txt')).toBe('1\n');
    expect(await work.git('status', '--porcelain')).toBe('');
  });
});
