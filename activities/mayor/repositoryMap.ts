import { readObjects } from '../polecat/objects.ts';
import { listFiles } from '../polecat/promptFiles.ts';
import { shownPath } from '../polecat/safety.ts';
import { masked } from '../polecat/untrusted.ts';
import { isOutlined, outlineOf } from './outline.ts';

/** A repository as a planner sees it. */
export interface RepositoryMap {
  readonly paths: readonly string[];
  /** By path, in the order of importance. */
  readonly outlines: ReadonlyMap<string, readonly string[]>;
  /** Texts of small files, by path. */
  readonly texts: ReadonlyMap<string, string>;
}

const mostOutlined = 600;
const mostBytes = 256 * 1024;

/** Paths of a commit, and what the files that count most give to others. Words of the epic say which these are. */
export const mapRepository = async (repo: string, commit: string, epic: string): Promise<RepositoryMap> => {
  const paths = await listFiles(repo, commit);
  const ranked = rankedBy(
    wordsOf(epic),
    paths.filter((path) => isOutlined(path) && !isNoise(path)),
  );
  const chosen = ranked.filter((path) => !path.includes('\n')).slice(0, mostOutlined);
  const objects = await readObjects(
    repo,
    chosen.map((path) => `${commit}:${path}`),
  );
  const outlines = new Map<string, readonly string[]>();
  const texts = new Map<string, string>();
  for (const path of chosen) {
    const found = objects.get(`${commit}:${path}`);
    if (found?.type !== 'blob' || found.bytes.length > mostBytes || found.bytes.includes(0)) continue;
    const text = found.bytes.toString('utf8').replaceAll('\r\n', '\n');
    texts.set(path, text);
    outlines.set(path, outlineOf(path, text));
  }
  return { paths, outlines, texts };
};

/** Files whose names the epic speaks of come first, then sources before tests and documents, then short paths. */
export const rankedBy = (words: ReadonlySet<string>, paths: readonly string[]): string[] => {
  const score = (path: string): number => {
    const parts = wordsOf(path);
    const named = [...parts].filter((part) => words.has(part)).length;
    const kind = /\.(md|markdown)$/i.test(path)
      ? 2
      : /(^|[/._-])(tests?|spec|fixtures?|examples?)([/._-]|$)/i.test(path)
        ? 1
        : 0;
    return -named * 4 + kind * 2 + path.split('/').length * 0.5;
  };
  return paths
    .map((path) => ({ path, score: score(path) }))
    .sort((a, b) => a.score - b.score || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path);
};

/** Words of at least three letters in lower case, camelCase taken apart. */
export const wordsOf = (text: string): ReadonlySet<string> =>
  new Set(
    text
      .slice(0, 200_000)
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .match(/[\p{L}\p{N}]{3,}/gu) ?? [],
  );

/** What somebody else wrote, or a program. */
const isNoise = (path: string): boolean =>
  /(^|\/)(node_modules|vendor|third_party|dist|build|target|\.git|__snapshots__)\//.test(path) ||
  /\.min\.|\.lock$|lock\.json$/.test(path);

/** Files that must never be shown, whatever the rig allows: they hold secrets in many repositories. */
export const maySecrete = (path: string): boolean =>
  /(^|\/)(\.env(\..*)?|\.npmrc|\.netrc|\.pypirc|credentials.*|secrets?\..*|id_(rsa|dsa|ecdsa|ed25519))$|\.(pem|key|p12|pfx|jks|keystore|kdbx)$/i.test(
    path,
  );

/** A path as a prompt may hold it. */
export const promptPath = (path: string): string => masked(shownPath(path));
