import { inTurn } from '../git/mutex.ts';
import { readObjects } from '../git/objects.ts';
import { git } from '../git/run.ts';
import type { Home } from '../home.ts';
import { type FileFacts, factsOf, noFacts } from './facts.ts';
import { createFactsCache, type FactsCache } from './factsCache.ts';
import { type FileGraph, graphOf, type MappedFile, type PastChange } from './graph.ts';
import { indexPaths, type PathIndex } from './imports.ts';
import { languageOf } from './languages.ts';
import { createPastChanges } from './pastChanges.ts';
import { type PathFacts, pathFactsOf } from './pathFacts.ts';
import { type MapTask, rankFiles } from './rank.ts';
import { type TreeFile, treeChanges, treeFiles } from './treeFiles.ts';
import { hashOf, wordsIn } from './words.ts';

/** A commit of a rig, as far as it is checked out. */
export interface MapOf {
  readonly rig: string;
  readonly commit: string;
  /** The commit that it began at, whose ties between files are good enough for it. Default: itself. */
  readonly base?: string;
  readonly sparse?: readonly string[];
  /**
   * What it is for, when it must not wait until a large repository is read for the first time: files whose paths sound like it
   * are read at once, the others while the model works. Without it, all are.
   */
  readonly hurry?: string;
}

/** A repository at one commit: its files, what they define, and how they belong together. */
export interface RepositoryMap {
  /** In git's order; what the base did not have comes last. Files that differ from the base have no names. */
  readonly files: readonly MappedFile[];
  /** Paths that are new or other than at the base. */
  readonly touched: readonly string[];
  /** The files, most important for the task first. */
  ranked(task: MapTask): readonly MappedFile[];
  /** The files that one takes something from, as far as imports tell; what differs from the base, as the base had it. */
  imports(path: string): readonly string[];
}

export interface RepositoryMaps {
  at(of: MapOf): Promise<RepositoryMap>;
}

/** Most files whose contents are read, of the largest repositories; the others are found by their paths. */
const mostRead = 8_000;
/** Larger files are tables and generated code. */
const mostBytes = 256 * 1024;
const atOnce = 50;
/** Files that somebody in a hurry waits for. */
const mostInHurry = 300;
/** Bases that are kept in memory: beads that run side by side began at a few. */
const mostGrounds = 6;

/** Maps of the rigs of a town. Contents are read from git objects, each once; nothing is checked out. */
export const createRepositoryMaps = (home: Home): RepositoryMaps => {
  const rigs = new Map<string, ReturnType<typeof createRigMaps>>();
  return {
    at: ({ rig, commit, base = commit, sparse = [], hurry }) => {
      const maps = rigs.get(rig) ?? createRigMaps(home.repo(rig), home.outlines(rig));
      rigs.set(rig, maps);
      return maps(commit, base, sparse, hurry);
    },
  };
};

/** What is worked out once for a base: a turn that changes a few files leaves the ties between the others. */
interface Ground {
  readonly files: readonly MappedFile[];
  readonly positions: ReadonlyMap<string, number>;
  readonly past: readonly PastChange[];
  readonly graph: FileGraph;
}

const createRigMaps = (repo: string, folder: string) => {
  const cache = createFactsCache(folder);
  const pastChanges = createPastChanges(repo);
  const grounds = new Map<string, Promise<Ground>>();

  const ground = async (
    commit: string,
    sparse: readonly string[],
    hurry: string | undefined,
    whenRead: () => void,
  ): Promise<Ground> => {
    const [tree, past] = await Promise.all([treeFiles(repo, commit, sparse), pastChanges(commit)]);
    const files = tree.map((file) => ({ file, place: pathFactsOf(file.path) }));
    const read = files.filter(({ place }) => !place.noise).slice(0, mostRead);
    await cache.read(read.map(({ file }) => file));
    const fresh = read.filter(({ file }) => cache.get(file) === undefined);
    const first = hurry === undefined ? fresh : likeliest(fresh, hurry).slice(0, mostInHurry);
    await learn(
      repo,
      cache,
      first.map(({ file }) => file),
    );
    if (first.length < fresh.length) {
      const rest = fresh.map(({ file }) => file);
      // Nobody waits for it, and what fails here is tried again by the next map.
      void inTurn(`map ${repo}`, () => learn(repo, cache, rest)).then(whenRead, whenRead);
    }
    const all = files.map(({ file, place }) => ({
      path: file.path,
      facts: cache.get(file) ?? noFacts,
      place,
    }));
    const positions = new Map(tree.map(({ path }, at) => [path, at]));
    const changes = past.map(({ paths, words }) => ({
      words,
      files: paths.flatMap((path) => positions.get(path) ?? []),
    }));
    return { files: all, positions, past: changes, graph: graphOf(all, changes) };
  };

  /** In turn, so that the first beads of a convoy do not all read the same. */
  const groundAt = (commit: string, sparse: readonly string[], hurry?: string): Promise<Ground> => {
    const key = [commit, ...sparse].join('\0');
    const forget = (): void => void grounds.delete(key);
    const known = grounds.get(key) ?? inTurn(`map ${repo}`, () => ground(commit, sparse, hurry, forget));
    grounds.delete(key);
    grounds.set(key, known);
    known.catch(forget);
    for (const oldest of [...grounds.keys()].slice(0, Math.max(0, grounds.size - mostGrounds)))
      grounds.delete(oldest);
    return known;
  };

  return async (
    commit: string,
    base: string,
    sparse: readonly string[],
    hurry: string | undefined,
  ): Promise<RepositoryMap> => {
    const [{ files, positions, past, graph }, { touched, gone }] = await Promise.all([
      groundAt(base, sparse, hurry),
      treeChanges(repo, base, commit, sparse),
    ]);
    const all = [...files];
    for (const { path } of touched) {
      const at = positions.get(path) ?? all.length;
      // What it was found by, but no names that it may not have any more: reading it again would cost a git a turn.
      const { facts, place } = all[at] ?? { facts: noFacts, place: pathFactsOf(path) };
      all[at] = { path, place, facts: { ...facts, names: [] } };
    }
    const there = (of: readonly MappedFile[]): readonly MappedFile[] =>
      gone.size === 0 ? of : of.filter(({ path }) => !gone.has(path));
    return {
      files: there(all),
      touched: touched.map(({ path }) => path),
      ranked: (task) => there(rankFiles(all, graph, past, task).flatMap((at) => all[at] ?? [])),
      imports: importsIn(there(all)),
    };
  };
};

/** Worked out when it is first asked for: prompts never do. */
const importsIn = (files: readonly MappedFile[]): RepositoryMap['imports'] => {
  let known: { readonly index: PathIndex; readonly facts: ReadonlyMap<string, FileFacts> } | undefined;
  return (path) => {
    known ??= {
      index: indexPaths(files.map((file) => file.path)),
      facts: new Map(files.map((file) => [file.path, file.facts])),
    };
    const { index, facts } = known;
    const language = languageOf(path);
    const targets =
      language === undefined
        ? []
        : (facts.get(path)?.imports ?? []).flatMap((one) => index.targets(path, language, one));
    return [...new Set(targets)].flatMap((at) => files[at]?.path ?? []);
  };
};

/** Those first whose paths have words of a text. */
const likeliest = <T extends { readonly place: PathFacts }>(
  files: readonly T[],
  text: string,
): readonly T[] => {
  const words = new Set(wordsIn(text).map(hashOf));
  const likely = ({ place }: T): number =>
    [...place.name, ...place.folders].filter((word) => words.has(word)).length;
  return files
    .map((file) => ({ file, score: likely(file) }))
    .sort((a, b) => b.score - a.score)
    .map(({ file }) => file);
};

/** Reads what no map has read before. */
const learn = async (repo: string, cache: FactsCache, files: readonly TreeFile[]): Promise<void> => {
  const fresh = files.filter((file) => cache.get(file) === undefined);
  if (fresh.length === 0) return;
  const sizes = await sizesOf(repo, fresh);
  for (let at = 0; at < fresh.length; at += atOnce) {
    const some = fresh.slice(at, at + atOnce);
    const small = some.filter(({ oid }) => (sizes.get(oid) ?? Number.NaN) < mostBytes);
    const objects = await readObjects(
      repo,
      small.map(({ oid }) => oid),
    );
    await Promise.all(
      some.map((file) => {
        const bytes = objects.get(file.oid)?.bytes;
        const facts =
          bytes === undefined || bytes.includes(0) ? noFacts : factsOf(file.path, bytes.toString('utf8'));
        return cache.put(file, facts);
      }),
    );
  }
};

/** Bytes by object, without their contents: one huge file must not fill the memory. */
const sizesOf = async (repo: string, files: readonly TreeFile[]): Promise<Map<string, number>> => {
  const input = `${[...new Set(files.map(({ oid }) => oid))].join('\n')}\n`;
  const args = ['cat-file', '--batch-check=%(objectname) %(objectsize)'];
  const { stdout } = await git(args, { cwd: repo, input });
  return new Map(
    stdout.split('\n').map((line) => {
      const [oid = '', size] = line.split(' ');
      return [oid, Number(size)] as const;
    }),
  );
};
