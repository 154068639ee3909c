import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ComposedGroup } from '../../../workflows/ports.ts';
import { tempRepo } from '../../support/repo.ts';
import { type RefineryTown, refineryTown } from './town.ts';

/** A group that is composed and green. */
const ready = async (town: RefineryTown, name = 'one'): Promise<ComposedGroup> => {
  const group = await town.compose(await town.bead(name, { [`${name}.txt`]: `${name}\n` }));
  expect((await town.test(group)).verdict).toBe('green');
  return group;
};

const refs = async (town: RefineryTown): Promise<ReadonlyMap<string, string>> =>
  new Map(
    (await town.bare.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/gt', 'refs/remotes'))
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );

describe('landing by push', () => {
  it('G2: moves the remote to the very commit that was tested, and writes receipts', async () => {
    await using town = await refineryTown();
    const group = await ready(town);
    expect(await town.land(group)).toEqual({ outcome: 'landed', commit: group.commit });
    expect(await town.remote.revParse('main')).toBe(group.commit);
    const known = await refs(town);
    expect(known.get('refs/gt/target/main')).toBe(group.commit);
    expect(known.get('refs/remotes/origin/main')).toBe(group.commit);
    expect(known.get('refs/gt/landed/c/e/one')).toBe(group.members[0]?.commit);
    expect([...known.keys()].filter((ref) => ref.startsWith('refs/gt/group'))).toEqual([]);
  });

  it('G5: repeated, or after a kill between push and receipts, finds that it has landed', async () => {
    await using town = await refineryTown();
    const group = await ready(town);
    await town.bare.git('push', '-q', 'origin', `${group.commit}:refs/heads/main`);
    await town.bare.git('update-ref', 'refs/remotes/origin/main', group.base);
    expect(await town.land(group)).toEqual({ outcome: 'landed', commit: group.commit });
    expect((await refs(town)).get('refs/gt/landed/c/e/one')).toBe(group.members[0]?.commit);
    // Also when somebody else has built on it since.
    const later = await town.remote.commitTo('main', { 'later.txt': 'x\n' });
    expect(await town.land(group)).toEqual({ outcome: 'landed', commit: group.commit });
    expect(await town.remote.revParse('main')).toBe(later);
    expect((await refs(town)).get('refs/gt/target/main')).toBe(later);
  });

  it('is stale when an outsider moved the target between composing and landing', async () => {
    await using town = await refineryTown();
    const group = await ready(town);
    const theirs = await town.remote.commitTo('main', { 'theirs.txt': 'x\n' });
    expect(await town.land(group)).toEqual({ outcome: 'stale', tip: theirs });
    expect(await town.remote.revParse('main')).toBe(theirs);
    // Composed anew it lands on top of theirs.
    const again = await ready(town, 'two');
    expect(again.base).toBe(theirs);
    expect(await town.land(again)).toMatchObject({ outcome: 'landed' });
  });

  it('is stale when the target was thrown back', async () => {
    await using town = await refineryTown();
    const before = await town.remote.revParse('main');
    await town.through(await town.bead('zero', { 'zero.txt': '0\n' }));
    const group = await ready(town);
    await town.remote.git('update-ref', 'refs/heads/main', before);
    expect(await town.land(group)).toEqual({ outcome: 'stale', tip: before });
  });

  it('G2: of many groups on the same tip exactly one lands', async () => {
    await using town = await refineryTown();
    const base = await town.remote.revParse('main');
    const groups: ComposedGroup[] = [];
    for (let n = 0; n < 3; n++) {
      groups.push(await town.compose(await town.bead(`b${n}`, { [`b${n}.txt`]: 'x\n' }, base)));
    }
    for (const group of groups) await town.test(group);
    const landings = await Promise.all(groups.map((group) => town.land(group)));
    const landed = landings.filter((one) => one.outcome === 'landed');
    expect(landed).toHaveLength(1);
    expect(await town.remote.git('log', '-1', '--first-parent', '--format=%P', 'main')).toContain(base);
    const tip = await town.remote.revParse('main');
    for (const one of landings) expect(one.outcome === 'landed' ? one.commit : one.tip).toBe(tip);
  });

  it('G2: refuses what was never green, and what is no child of the tip it was made for', async () => {
    await using town = await refineryTown();
    const untested = await town.compose(await town.bead('one', { 'one.txt': '1\n' }));
    await expect(town.land(untested)).rejects.toMatchObject({ type: 'PushRefused' });

    const group = await ready(town, 'two');
    const message = await town.bare.git('log', '-1', '--format=%B', group.commit as string);
    const orphan = await town.bare.git('commit-tree', group.tree as string, '-m', message);
    await expect(town.land({ ...group, commit: orphan })).rejects.toMatchObject({ type: 'PushRefused' });
    const swapped = await town.bare.git(
      ...['commit-tree', group.tree as string, '-m', message],
      ...['-p', group.members[0]?.commit as string, '-p', group.base],
    );
    await expect(town.land({ ...group, commit: swapped })).rejects.toMatchObject({ type: 'PushRefused' });
    expect(await town.remote.revParse('main')).toBe(group.base);
  });

  it('G10: names the way out when the remote refuses', async () => {
    await using town = await refineryTown();
    const group = await ready(town);
    const hook = join(town.remote.path, 'hooks', 'pre-receive');
    await writeFile(hook, '#!/bin/sh\necho "main is protected" >&2\nexit 1\n');
    await chmod(hook, 0o755);
    const refused = await town.land(group).catch((error: unknown) => error);
    expect(refused).toMatchObject({ type: 'PushRefused', nonRetryable: true });
    const [details] = (refused as { details: readonly { next: string; evidence: string }[] }).details;
    expect(details?.next).toContain('land: branch:gastown/main');
    expect(details?.evidence).toContain('main is protected');
    expect(await town.remote.revParse('main')).toBe(group.base);
  });

  it('refuses to move a branch that is checked out in a path rig, and leaves its files alone', async () => {
    const work = await tempRepo({ files: { 'a.txt': 'a\n' } });
    await using town = await refineryTown({ remote: work });
    const group = await ready(town);
    await expect(town.land(group)).rejects.toMatchObject({ type: 'PushRefused' });
    expect(await work.git('status', '--porcelain')).toBe('');
  });

  it('tries again when the remote cannot be reached', async () => {
    await using town = await refineryTown();
    const group = await ready(town);
    await town.bare.git('remote', 'set-url', 'origin', join(town.home.root, 'nowhere'));
    await expect(town.land(group)).rejects.toMatchObject({ type: 'GitFailed', nonRetryable: false });
  });

  it('G5: gets past the locks of a git that was killed', async () => {
    await using town = await refineryTown();
    const group = await ready(town);
    for (const lock of ['refs/gt/target/main.lock', 'refs/remotes/origin/main.lock', 'HEAD.lock']) {
      await writeFile(join(town.bare.path, lock), '');
    }
    expect(await town.land(group)).toMatchObject({ outcome: 'landed' });
    expect((await refs(town)).get('refs/remotes/origin/main')).toBe(group.commit);
  });

  it('composes anew when the town’s copy lost the group', async () => {
    await using town = await refineryTown();
    const group = await ready(town);
    const lost = { ...group, commit: 'deadbeef'.repeat(5) };
    expect(await town.land(lost)).toEqual({ outcome: 'stale', tip: group.base });
  });

  it('G1: lands twice in a row, each on the one before', async () => {
    await using town = await refineryTown();
    const first = await town.through(await town.bead('one', { 'one.txt': '1\n' }));
    const second = await town.through(await town.bead('two', { 'two.txt': '2\n' }));
    expect(second.base).toBe(first.commit);
    expect(await town.remote.git('log', '--first-parent', '--format=%s', 'main')).toBe(
      'Land: Add two\nLand: Add one\nfirst',
    );
  });
});

describe('landing only in the town’s own copy', () => {
  const local = { rig: { land: { mode: 'local' } as const } };

  it('is a compare-and-swap of its branch, and the remote stays as it is', async () => {
    await using town = await refineryTown(local);
    const before = await town.remote.revParse('main');
    const group = await ready(town);
    expect(await town.land(group)).toEqual({ outcome: 'landed', commit: group.commit });
    expect(await town.bare.revParse('refs/heads/main')).toBe(group.commit);
    expect(await town.remote.revParse('main')).toBe(before);
    expect(await town.land(group)).toEqual({ outcome: 'landed', commit: group.commit });
  });

  it('G2: of 40 racers exactly one wins', async () => {
    await using town = await refineryTown(local);
    const groups: ComposedGroup[] = [];
    const base = await town.bare.revParse('refs/heads/main');
    for (let n = 0; n < 3; n++) {
      groups.push(await town.compose(await town.bead(`b${n}`, { [`b${n}.txt`]: 'x\n' }, base)));
    }
    for (const group of groups) await town.test(group);
    const racers = Array.from({ length: 40 }, (_, n) => groups[n % groups.length] as ComposedGroup);
    const landings = await Promise.all(racers.map((group) => town.land(group)));
    const winners = new Set(landings.flatMap((one) => (one.outcome === 'landed' ? [one.commit] : [])));
    expect([...winners]).toEqual([await town.bare.revParse('refs/heads/main')]);
  });
});

describe('a verdict that could not be delivered', () => {
  it('is kept as a fact in git', async () => {
    await using town = await refineryTown();
    const verdict = { bead: 'c/e/one', attempt: 2, head: 'h', outcome: 'landed', commit: 'c' } as const;
    await town.refinery.keepVerdict({ rig: 'rig', verdict });
    await town.refinery.keepVerdict({ rig: 'rig', verdict });
    const text = await town.bare.git('cat-file', 'blob', 'refs/gt/verdict/c/e/one/2');
    expect(JSON.parse(text)).toEqual(verdict);
    const hostile = { ...verdict, bead: '../../heads/main' };
    await expect(town.refinery.keepVerdict({ rig: 'rig', verdict: hostile })).rejects.toMatchObject({
      type: 'GitFailed',
    });
  });
});
