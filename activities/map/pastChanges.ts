import { git } from '../git/run.ts';
import { hashOf, wordsIn } from './words.ts';

/** A commit as the map remembers it. */
export interface PastCommit {
  readonly paths: readonly string[];
  readonly words: ReadonlySet<number>;
}

/** Commits that are looked back on, and those of more files than that say nothing. */
const most = { commits: 400, paths: 60, kept: 2_000 } as const;

/** What was changed together before, and with which words: read from git once for each commit. */
export const createPastChanges = (repo: string) => {
  const known = new Map<string, PastCommit>();

  return async (commit: string): Promise<readonly PastCommit[]> => {
    const args = ['rev-list', '--no-merges', `--max-count=${most.commits}`, commit];
    const ids = (await git(args, { cwd: repo })).stdout.split('\n').filter(Boolean);
    const missing = ids.filter((id) => !known.has(id));
    if (missing.length > 0) for (const [id, past] of await read(repo, missing)) known.set(id, past);
    const found = ids.flatMap((id) => known.get(id) ?? []);
    for (const id of known.keys()) {
      if (known.size <= most.kept) break;
      known.delete(id);
    }
    return found;
  };
};

const read = async (repo: string, ids: readonly string[]): Promise<Map<string, PastCommit>> => {
  const args = [
    'log',
    '--no-walk=unsorted',
    '--stdin',
    '--name-only',
    '--no-renames',
    '-z',
    '--format=%x01%H%x02%B%x02',
  ];
  const { stdout } = await git(args, { cwd: repo, input: `${ids.join('\n')}\n` });
  const commits = new Map<string, PastCommit>();
  for (const part of stdout.split('\x01').slice(1)) {
    const [id = '', message = '', names = ''] = part.split('\x02');
    const paths = names
      .replace(/^[\0\n]+/, '')
      .split('\0')
      .filter(Boolean);
    commits.set(id, {
      paths: paths.length > most.paths ? [] : paths,
      words: new Set(wordsIn(message.slice(0, 4_000)).map(hashOf)),
    });
  }
  return commits;
};
