import { readCommit } from '../git/commit.ts';
import type { FileChange } from '../git/fastImport.ts';
import { readObject } from '../git/objects.ts';
import { foldersAbove, type TreeEntry, treeEntries } from '../git/treeEntries.ts';
import type { Bench } from './bench.ts';

/** A branch as it was submitted: its head, and the commit of the target that it was made on. */
export interface Branch {
  readonly head: string;
  readonly base: string;
}

/** A branch that can be laid over a target without a merge: what it makes of which paths. */
export type Overlay = readonly FileChange[];

/** More commits on a branch are left to git's own merge. */
const mostCommits = 64;

/**
 * The branches, by head, whose merge with `tip` is nothing but their own change: a chain of plain commits on a commit that the tip
 * descends from, and each path that it changes is on the tip as it was where the branch began. For these a merge of git's gives the
 * same tree, whatever it makes of renames: there is nothing on the other side for them to meet. All others are left out. Three
 * processes for any number of branches.
 */
export const overlaysOn = async (
  bench: Bench,
  tip: { readonly commit: string; readonly tree: string },
  branches: readonly Branch[],
): Promise<ReadonlyMap<string, Overlay>> => {
  const known = await Promise.all(branches.map((branch) => chainOf(bench, branch)));
  const chains = await grown(
    bench,
    tip.commit,
    known.filter((one) => one !== undefined),
  );
  if (chains.length === 0) return new Map();
  const { stdout } = await bench.plumb(['diff-tree', '--stdin', '-r', '-z', '--no-renames'], {
    input: chains.map(({ trees }) => `${trees.join(' ')}\n`).join(''),
  });
  const changes = readDiffs(stdout);
  const look = entriesIn(bench, tip.tree);
  const fits = await Promise.all(changes.map((one) => areUntouched(look, one)));
  return new Map(
    chains.flatMap(({ head }, at) => (fits[at] === true ? [[head, (changes[at] ?? []).map(changeOf)]] : [])),
  );
};

interface Chain {
  readonly head: string;
  /** The first commit above the base. */
  readonly first: string;
  readonly trees: readonly [string, string];
}

const chainOf = async ({ repo, signal }: Bench, { head, base }: Branch): Promise<Chain | undefined> => {
  const read = (oid: string) => readCommit(repo, oid, signal);
  const top = await read(head);
  const under = await read(base);
  let at = top;
  for (let step = 0; step < mostCommits && at?.parents.length === 1; step++) {
    const [parent = ''] = at.parents;
    if (parent === base && top !== undefined && under !== undefined)
      return { head, first: at.commit, trees: [under.tree, top.tree] };
    at = await read(parent);
  }
  return;
};

/**
 * Those that began on the tip's own history and of which the tip holds nothing: then where they began is what git would merge by.
 * All at once: what is above the tip are exactly their first commits, or else nobody knows whose the others are.
 */
const grown = async (bench: Bench, tip: string, chains: readonly Chain[]): Promise<readonly Chain[]> => {
  if (chains.length === 0) return [];
  const firsts = new Set(chains.map(({ first }) => first));
  const { stdout } = await bench.plumb(['rev-list', '--stdin'], {
    input: `${[...firsts].join('\n')}\n^${tip}\n`,
  });
  const above = new Set(stdout.split('\n').filter((line) => line !== ''));
  const isClear = [...above].every((oid) => firsts.has(oid));
  return isClear ? chains.filter(({ first }) => above.has(first)) : [];
};

interface Diff {
  readonly path: string;
  readonly before: { readonly mode: string; readonly oid: string } | undefined;
  readonly after: { readonly mode: string; readonly oid: string } | undefined;
}

/** `<tree> <tree>` and a line break, then `:<mode> <mode> <oid> <oid> <letter>` and a path, each ended by NUL; for every pair. */
const readDiffs = (text: string): readonly (readonly Diff[])[] => {
  const diffs: Diff[][] = [];
  for (let at = 0; at < text.length; ) {
    if (text[at] !== ':') {
      diffs.push([]);
      at = text.indexOf('\n', at) + 1;
      continue;
    }
    const end = text.indexOf('\0', at);
    const [was = '', is = '', from = '', to = ''] = text.slice(at + 1, end).split(' ');
    const next = text.indexOf('\0', end + 1);
    const entry = (mode: string, oid: string) => (mode === '000000' ? undefined : { mode, oid });
    diffs.at(-1)?.push({ path: text.slice(end + 1, next), before: entry(was, from), after: entry(is, to) });
    at = next + 1;
  }
  return diffs;
};

const changeOf = ({ path, after }: Diff): FileChange => ({
  path,
  mode: after?.mode ?? '',
  bytes: undefined,
  ...(after === undefined ? {} : { oid: after.oid }),
});

type Look = (path: string) => Promise<TreeEntry | 'blocked' | undefined>;

/** Looks paths up in a tree; `blocked` where a file stands in the way of a folder. Each tree is read once. */
const entriesIn = ({ repo, signal }: Bench, root: string): Look => {
  const trees = new Map<string, Promise<ReadonlyMap<string, TreeEntry>>>();
  const read = (oid: string): Promise<ReadonlyMap<string, TreeEntry>> => {
    const found = trees.get(oid) ?? readTree(oid);
    trees.set(oid, found);
    return found;
  };
  const readTree = async (oid: string): Promise<ReadonlyMap<string, TreeEntry>> => {
    const object = await readObject(repo, oid, signal);
    return new Map(object === undefined ? [] : treeEntries(object).map((entry) => [entry.name, entry]));
  };
  return async (path) => {
    const folders = path.split('/');
    const name = folders.pop() ?? '';
    let at = root;
    for (const folder of folders) {
      const entry = (await read(at)).get(folder);
      if (entry === undefined) return;
      if (entry.mode !== '40000') return 'blocked';
      at = entry.oid;
    }
    return (await read(at)).get(name);
  };
};

/** Names that are no UTF-8 have lost what they are called: git knows. */
const isLegible = (path: string): boolean => !path.includes('\ufffd');

const areUntouched = async (look: Look, diffs: readonly Diff[]): Promise<boolean> => {
  if (diffs.length === 0) return false;
  for (const { path, before } of diffs) {
    if (!isLegible(path)) return false;
    const now = await look(path);
    if (now === 'blocked' || now?.oid !== before?.oid || now?.mode !== before?.mode) return false;
  }
  return true;
};

/** Paths that a group has changed so far. */
export interface Touched {
  /** Whether one of these paths, a folder of it or something below it was changed. */
  readonly meets: (paths: readonly string[]) => boolean;
  readonly add: (paths: readonly string[]) => void;
}

export const noneTouched = (): Touched => {
  const paths = new Set<string>();
  const folders = new Set<string>();
  return {
    meets: (own) =>
      own.some(
        (path) => paths.has(path) || folders.has(path) || foldersAbove(path).some((one) => paths.has(one)),
      ),
    add(own) {
      for (const path of own) {
        paths.add(path);
        for (const folder of foldersAbove(path)) folders.add(folder);
      }
    },
  };
};
