import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { git, gitLine } from '../../activities/git/run.ts';
import { homeAt } from '../../activities/home.ts';
import type { MappedFile } from '../../activities/map/graph.ts';
import { createRepositoryMaps, renderMap } from '../../activities/map/index.ts';
import { hashOf, wordsIn } from '../../activities/map/words.ts';
import { estimateTokens } from '../../activities/models/tokens.ts';

/** Tokens of a map. */
export const sizes = [2_000, 4_000, 8_000] as const;

export type BySize = Readonly<Record<(typeof sizes)[number], number>>;

export interface Recall {
  readonly path: string;
  readonly at: string;
  /** Commits that counted. */
  readonly commits: number;
  /** Of the newest parent. */
  readonly files: number;
  readonly changed: number;
  readonly ways: { readonly map: BySize; readonly listing: BySize; readonly search: BySize };
}

interface Change {
  readonly parent: string;
  readonly task: string;
  readonly changed: readonly string[];
}

/** How much of what the last commits of a repository changed is shown by a map, a listing and a text search. */
export const measureRecall = async (of: {
  readonly path: string;
  readonly at: string;
  readonly commits: number;
}): Promise<Recall> => {
  const repo = await gitLine(['rev-parse', '--absolute-git-dir'], { cwd: of.path });
  const at = await gitLine(['rev-parse', '--verify', `${of.at}^{commit}`], { cwd: repo });
  const home = homeAt(await mkdtemp(join(tmpdir(), 'gt-context-')));
  try {
    await mkdir(dirname(home.repo('rig')), { recursive: true });
    await symlink(repo, home.repo('rig'));
    const maps = createRepositoryMaps(home);
    const sums = { map: zeros(), listing: zeros(), search: zeros() };
    let files = 0;
    let found = 0;
    const changes = await changesOf(repo, at, of.commits);
    for (const { parent, task, changed } of changes.toReversed()) {
      const map = await maps.at({ rig: 'rig', commit: parent });
      const all = map.files.map(({ path }) => path);
      const ranked = map.ranked({ text: task }).map(({ path, facts }) => ({ path, names: facts.names }));
      const searched = searchedFor(task, map.files);
      for (const size of sizes) {
        sums.map[size] += share(changed, renderMap(ranked, size).paths);
        sums.listing[size] += share(changed, listed(all, size));
        sums.search[size] += share(changed, listed(searched, size));
      }
      files = all.length;
      found += changed.length;
    }
    const mean = (sum: BySize): BySize =>
      Object.fromEntries(
        sizes.map((size) => [size, sum[size] / Math.max(1, changes.length)]),
      ) as unknown as BySize;
    return {
      ...{ path: of.path, at, commits: changes.length, files, changed: found },
      ways: { map: mean(sums.map), listing: mean(sums.listing), search: mean(sums.search) },
    };
  } finally {
    await rm(home.root, { recursive: true, force: true });
  }
};

const zeros = (): Record<(typeof sizes)[number], number> => ({ 2_000: 0, 4_000: 0, 8_000: 0 });

export const changesOf = async (repo: string, at: string, most: number): Promise<Change[]> => {
  const args = ['log', '--no-merges', `--max-count=${most}`, '--format=%x01%H %P%x02%B', at];
  const { stdout } = await git(args, { cwd: repo });
  const changes: Change[] = [];
  for (const part of stdout.split('\x01').slice(1)) {
    const [ids = '', task = ''] = part.split('\x02');
    const [commit = '', parent] = ids.split(' ');
    // The first commit of all, and the last of a shallow clone.
    if (parent === undefined || parent === '') continue;
    const diff = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--diff-filter=a', parent, commit];
    const changed = (await git(diff, { cwd: repo })).stdout.split('\0').filter(Boolean);
    if (changed.length > 0) changes.push({ parent, task, changed });
  }
  return changes;
};

const share = (changed: readonly string[], shown: readonly string[]): number => {
  const seen = new Set(shown);
  return changed.filter((path) => seen.has(path)).length / changed.length;
};

/** Paths, one a line, as many as fit. */
export const listed = (paths: readonly string[], tokens: number): string[] => {
  let chars = 0;
  return paths.filter((path) => {
    chars += path.length + 1;
    return estimateTokens(chars) <= tokens;
  });
};

/** Files by the rarity of the task's words that are in their text or path, then by how often. */
export const searchedFor = (task: string, files: readonly MappedFile[]): string[] => {
  const words = [...new Set(wordsIn(task).map(hashOf))];
  const texts = files.map(({ path, facts }) => ({
    path,
    words: new Map([
      ...wordsIn(path).map((word) => [hashOf(word), 1] as const),
      ...[...facts.words].map((word, at) => [word, facts.counts[at] ?? 0] as const),
    ]),
  }));
  const rarity = new Map(
    words.map((word) => [
      word,
      Math.log(files.length / (1 + texts.filter((one) => one.words.has(word)).length)),
    ]),
  );
  return texts
    .map(({ path, words: its }) => {
      const hits = words.filter((word) => its.has(word));
      const score = hits.reduce((sum, word) => sum + Math.max(0, rarity.get(word) ?? 0), 0);
      return { path, score, times: hits.reduce((sum, word) => sum + (its.get(word) ?? 0), 0) };
    })
    .sort((a, b) => b.score - a.score || b.times - a.times || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path);
};
