import { hashOf, wordsIn } from './words.ts';

/** What a path alone says of a file. */
export interface PathFacts {
  /** Hashes of the words of its name. */
  readonly name: ReadonlySet<number>;
  /** Hashes of the words of the folders above it. */
  readonly folders: ReadonlySet<number>;
  /** What somebody else wrote, or a program. */
  readonly noise: boolean;
  readonly depth: number;
}

export const pathFactsOf = (path: string): PathFacts => {
  const cut = path.lastIndexOf('/');
  return {
    name: new Set(wordsIn(path.slice(cut + 1)).map(hashOf)),
    folders: new Set(wordsIn(path.slice(0, Math.max(0, cut))).map(hashOf)),
    noise: isNoise(path),
    depth: path.split('/').length,
  };
};

/** Whether it is what a program wrote, what somebody else did, or nothing to read. */
export const isNoise = (path: string): boolean =>
  /(?:^|\/)(?:node_modules|vendor|third_party|dist|build|target|\.git|__snapshots__)\//.test(path) ||
  /\.min\.|\.lock$|lock\.json$|\.(?:svg|png|jpe?g|gif|ico|woff2?|ttf|pdf|map|snap)$/.test(path);
