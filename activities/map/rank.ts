import type { FileGraph, MappedFile, PastChange } from './graph.ts';
import { pageRank } from './pageRank.ts';
import { hashOf, wordsIn } from './words.ts';

/** How much of a folder's importance its files have, and how much less in a large one. */
const folder = { share: 0.6, size: 1 } as const;

/** What a map is made for. */
export interface MapTask {
  /** Title and task. */
  readonly text: string;
  /** What failed last; weighs less than the task. */
  readonly feedback?: string;
  /** Paths that the bead names or that its work has touched. */
  readonly seeds?: readonly string[];
}

/** BM25 with fields: how much a word counts by where it stands, how fast more of it counts less, how much length weighs. */
const fields = { name: 5, folder: 2, defined: 2.5, text: 1, feedback: 0.4 } as const;
const bm25 = { k1: 1.4, b: 0.6 } as const;
/**
 * Where a walk begins: shares of the words in files, of named files, and of what was changed when such words were said before.
 * `sharp`: the power of the words' scores, since long texts have some words in every file. With fewer commits than `few` the
 * past knows little.
 */
const shares = { words: 1, named: 0.6, past: 0.75, sharp: 3, few: 60 } as const;

/** Positions of the files, most important first. The same for the same input. */
export const rankFiles = (
  files: readonly MappedFile[],
  graph: FileGraph,
  past: readonly PastChange[],
  task: MapTask,
): readonly number[] => {
  const query = queryOf(task);
  const start = mixed(files.length, [
    [shares.words, textScores(files, query).map((score) => score ** shares.sharp)],
    [shares.named, namedScores(files, task)],
    [(shares.past * past.length) / (past.length + shares.few), pastScores(files, past, query)],
  ]);
  const rank = pageRank(graph, start);
  const near = folderScores(files, rank);
  const weight = Float64Array.from(
    files,
    ({ place }, at) => ((rank[at] ?? 0) + (near[at] ?? 0)) * (place.noise ? 0.1 : 1),
  );
  return [...files.keys()].sort(
    (a, b) =>
      (weight[b] ?? 0) - (weight[a] ?? 0) ||
      (files[a]?.place.depth ?? 0) - (files[b]?.place.depth ?? 0) ||
      a - b,
  );
};

/** A share of what its folder has, so that the neighbours of a file that matters come before strangers. */
const folderScores = (files: readonly MappedFile[], rank: Float64Array): Float64Array => {
  const folders = new Map<string, { sum: number; files: number }>();
  for (const [at, { path }] of files.entries()) {
    const here = folders.get(folderOf(path)) ?? { sum: 0, files: 0 };
    here.sum += rank[at] ?? 0;
    here.files += 1;
    folders.set(folderOf(path), here);
  }
  return Float64Array.from(files, ({ path }) => {
    const { sum = 0, files: count = 1 } = folders.get(folderOf(path)) ?? {};
    return (folder.share * sum) / count ** folder.size;
  });
};

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** Words by hash with how often the task says them, damped. */
type Query = ReadonlyMap<number, number>;

const queryOf = ({ text, feedback = '' }: MapTask): Query => {
  const query = new Map<number, number>();
  const add = (from: string, weight: number): void => {
    const times = new Map<number, number>();
    for (const word of wordsIn(from)) {
      const hash = hashOf(word);
      times.set(hash, (times.get(hash) ?? 0) + 1);
    }
    for (const [hash, count] of times) query.set(hash, (query.get(hash) ?? 0) + weight * Math.sqrt(count));
  };
  add(text.slice(0, 20_000), 1);
  add(feedback.slice(0, 8_000), fields.feedback);
  return query;
};

const textScores = (files: readonly MappedFile[], query: Query): Float64Array => {
  const average = files.reduce((sum, { facts }) => sum + facts.length, 0) / Math.max(1, files.length) || 1;
  const found = new Map<number, Map<number, number>>([...query.keys()].map((hash) => [hash, new Map()]));
  // Most words of a repository are none of the task's: a look at 16 bits says so.
  const maybe = new Uint8Array(65_536);
  for (const hash of query.keys()) maybe[hash & 0xffff] = 1;
  for (const [at, { facts, place }] of files.entries()) {
    const meet = (hash: number, times: number): void => {
      const met = found.get(hash);
      met?.set(at, (met.get(at) ?? 0) + times);
    };
    const length = 1 - bm25.b + (bm25.b * facts.length) / average;
    const { words, counts, defined } = facts;
    for (let word = 0; word < words.length; word++) {
      const hash = words[word] ?? 0;
      if (maybe[hash & 0xffff] === 1) meet(hash, (fields.text * (counts[word] ?? 0)) / length);
    }
    for (let word = 0; word < defined.length; word++) {
      const hash = defined[word] ?? 0;
      if (maybe[hash & 0xffff] === 1) meet(hash, fields.defined);
    }
    for (const hash of place.name) meet(hash, fields.name);
    for (const hash of place.folders) if (!place.name.has(hash)) meet(hash, fields.folder);
  }
  const scores = new Float64Array(files.length);
  for (const [hash, said] of query) {
    const met = found.get(hash) ?? new Map<number, number>();
    const rarity = Math.log(1 + (files.length - met.size + 0.5) / (met.size + 0.5));
    for (const [at, times] of met)
      scores[at] = (scores[at] ?? 0) + said * rarity * ((times * (bm25.k1 + 1)) / (times + bm25.k1));
  }
  return scores;
};

/** Files that the bead or its texts name: whole paths, or the end of one that is nearly alone with it. */
const namedScores = (
  files: readonly MappedFile[],
  { text, feedback = '', seeds = [] }: MapTask,
): Float64Array => {
  const scores = new Float64Array(files.length);
  const byName = new Map<string, number[]>();
  for (const [at, { path }] of files.entries()) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [at]);
    else same.push(at);
  }
  const name = (mentioned: string, weight: number): void => {
    const last = mentioned.slice(mentioned.lastIndexOf('/') + 1);
    const meant = (byName.get(last) ?? []).filter((at) => `/${files[at]?.path}`.endsWith(`/${mentioned}`));
    if (meant.length <= 3)
      for (const at of meant) scores[at] = Math.max(scores[at] ?? 0, weight / meant.length);
  };
  for (const path of seeds) name(path, 1);
  for (const path of pathsIn(text)) name(path, 1);
  for (const path of pathsIn(feedback)) name(path, 0.7);
  return scores;
};

const pathsIn = (text: string): ReadonlySet<string> =>
  new Set(
    (text.slice(0, 50_000).match(/[\w.@()[\]~+-]{1,100}(?:\/[\w.@()[\]~+-]{1,100})*/g) ?? [])
      .map((word) => word.replace(/^\.\//, '').replace(/[.,;:)\]]+$/, ''))
      .filter((word) => /[./]/.test(word)),
  );

/** Files that were changed when such words were said before. */
const pastScores = (
  files: readonly MappedFile[],
  past: readonly PastChange[],
  query: Query,
): Float64Array => {
  const scores = new Float64Array(files.length);
  const spread = new Map<number, number>();
  for (const { words } of past)
    for (const word of words) if (query.has(word)) spread.set(word, (spread.get(word) ?? 0) + 1);
  for (const { files: changed, words } of past) {
    let likeness = 0;
    for (const word of words) {
      const said = query.get(word);
      if (said !== undefined)
        likeness += Math.min(said, 2) * Math.log(1 + past.length / (spread.get(word) ?? 1));
    }
    if (likeness === 0 || changed.length === 0) continue;
    const each = likeness ** 2 / (Math.sqrt(words.size + 4) * Math.sqrt(changed.length));
    for (const at of changed) scores[at] = (scores[at] ?? 0) + each;
  }
  return scores;
};

/** Each brought to a sum of one before it takes its share. */
const mixed = (length: number, parts: readonly (readonly [number, Float64Array])[]): number[] => {
  const sums = parts.map(([, scores]) => scores.reduce((sum, score) => sum + score, 0));
  return Array.from({ length }, (_, at) =>
    parts.reduce((total, [share, scores], which) => {
      const sum = sums[which] ?? 0;
      return sum === 0 ? total : total + (share * (scores[at] ?? 0)) / sum;
    }, 0),
  );
};
