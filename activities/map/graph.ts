import type { FileFacts } from './facts.ts';
import { indexPaths } from './imports.ts';
import { languageOf } from './languages.ts';
import type { PathFacts } from './pathFacts.ts';

/** A file of a commit and what the map knows of it. */
export interface MappedFile {
  readonly path: string;
  readonly facts: FileFacts;
  readonly place: PathFacts;
}

/** A commit that has been: which of the files, by their position, it changed, and the words of its message. */
export interface PastChange {
  readonly files: readonly number[];
  readonly words: ReadonlySet<number>;
}

/** Who belongs to whom, with weights: the ties of file n are those from `starts[n]` up to `starts[n + 1]`. */
export interface FileGraph {
  readonly starts: Uint32Array;
  readonly targets: Uint32Array;
  readonly weights: Float64Array;
}

/** How much one kind of tie says. */
const weights = { imports: 1, uses: 0.6, pair: 2, together: 1.5, backwards: 0.6 } as const;
/** Names that more files define or use than this tie nothing. */
const most = { definers: 3, users: 30, filesOfChange: 24 } as const;

/** Ties of imports, of names that one file defines and another uses, of tests and sources, and of files that changed together. */
export const graphOf = (files: readonly MappedFile[], past: readonly PastChange[]): FileGraph => {
  const edges = files.map(() => new Map<number, number>());
  const tie = (from: number, to: number, weight: number, back: number): void => {
    if (from === to) return;
    add(edges[from], to, weight);
    add(edges[to], from, back);
  };
  tieImports(files, tie);
  tieUses(files, tie);
  tiePairs(files, tie);
  for (const { files: changed } of past) {
    if (changed.length < 2 || changed.length > most.filesOfChange) continue;
    const weight = weights.together / (changed.length - 1);
    for (const [at, one] of changed.entries())
      for (const other of changed.slice(at + 1)) tie(one, other, weight, weight);
  }
  return packed(edges);
};

const packed = (edges: readonly ReadonlyMap<number, number>[]): FileGraph => {
  const starts = new Uint32Array(edges.length + 1);
  for (const [at, of] of edges.entries()) starts[at + 1] = (starts[at] ?? 0) + of.size;
  const targets = new Uint32Array(starts.at(-1) ?? 0);
  const weightsOf = new Float64Array(targets.length);
  let next = 0;
  for (const of of edges) {
    for (const [to, weight] of of) {
      targets[next] = to;
      weightsOf[next] = weight;
      next += 1;
    }
  }
  return { starts, targets, weights: weightsOf };
};

type Tie = (from: number, to: number, weight: number, back: number) => void;

const tieImports = (files: readonly MappedFile[], tie: Tie): void => {
  const index = indexPaths(files.map(({ path }) => path));
  for (const [from, { path, facts }] of files.entries()) {
    const language = languageOf(path);
    if (language === undefined) continue;
    for (const specifier of facts.imports) {
      const targets = index.targets(path, language, specifier);
      const weight = weights.imports / Math.max(1, targets.length);
      for (const to of targets) tie(from, to, weight, weight * weights.backwards);
    }
  }
};

/** For languages whose files find each other without an import, and for imports that we do not understand. */
const tieUses = (files: readonly MappedFile[], tie: Tie): void => {
  const definers = new Map<number, number[]>();
  for (const [at, { facts }] of files.entries()) for (const hash of facts.defined) push(definers, hash, at);
  for (const [hash, at] of definers) if (at.length > most.definers) definers.delete(hash);
  const users = new Map<number, number[]>();
  for (const [at, { facts }] of files.entries())
    for (const hash of facts.words) if (definers.has(hash)) push(users, hash, at);
  for (const [hash, of] of users) {
    if (of.length > most.users) continue;
    const defined = definers.get(hash) ?? [];
    const weight = weights.uses / (defined.length * Math.sqrt(of.length));
    for (const to of defined) for (const from of of) tie(from, to, weight, weight * weights.backwards);
  }
};

/** `greet.ts`, `greet.test.ts`, `test_greet.py`, `greet.h`: files of one subject. */
const tiePairs = (files: readonly MappedFile[], tie: Tie): void => {
  const subjects = new Map<string, number[]>();
  for (const [at, { path }] of files.entries()) {
    const subject = subjectOf(path);
    if (subject !== '') push(subjects, subject, at);
  }
  for (const [, of] of subjects) {
    if (of.length > 6) continue;
    const weight = weights.pair / (of.length - 1 || 1);
    for (const [at, one] of of.entries())
      for (const other of of.slice(at + 1)) tie(one, other, weight, weight);
  }
};

const subjectOf = (path: string): string => {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const stem = name
    .replace(/(?:\.d)?\.\w+$/, '')
    .replace(/^tests?[_-]|[._-](?:tests?|spec|unit|e2e|bench)$|(?<=\w)tests?$/, '');
  return stem.length < 3 || /^(?:index|main|mod|lib|__init__|readme|package|types?|utils?)$/.test(stem)
    ? ''
    : stem;
};

const add = (map: Map<number, number> | undefined, key: number, weight: number): void => {
  map?.set(key, (map.get(key) ?? 0) + weight);
};

const push = <K>(map: Map<K, number[]>, key: K, value: number): void => {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
};
