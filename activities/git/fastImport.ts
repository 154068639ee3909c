import { identity } from '../../deploy/machine/gitEnvironment.ts';
import { gitLine } from './run.ts';

/** What becomes of one path: new bytes, an object that is there already, or nothing where the path goes away. */
export interface FileChange {
  readonly path: string;
  readonly mode: string;
  readonly bytes: Buffer | undefined;
  /** In place of bytes: the id of a blob, or of a submodule's commit. */
  readonly oid?: string;
}

export interface ImportedCommit {
  /** Seconds since 1970, of author and committer. */
  readonly seconds: number;
  readonly message: string;
  readonly changes: readonly FileChange[];
  /** A second parent, whose files do not count. */
  readonly merges?: string | undefined;
}

/**
 * Writes commits, the first on `parent` and each on the one before it, and returns their ids: one process for any number. A pure
 * function of its arguments: repeating it gives the same ids (G5). It moves no ref and touches no worktree, so that nothing is half
 * done when the process dies here.
 */
export const importChain = async (
  repo: string,
  parent: string,
  commits: readonly ImportedCommit[],
  signal?: AbortSignal,
): Promise<readonly string[]> => {
  if (commits.length === 0) return [];
  const stream: Buffer[] = [];
  const say = (text: string): void => void stream.push(Buffer.from(text));
  const data = (bytes: Buffer): void => {
    say(`data ${bytes.length}\n`);
    stream.push(bytes);
    say('\n');
  };
  commits.forEach((commit, at) => {
    const author = `${identity.name} <${identity.email}> ${commit.seconds} +0000`;
    say(`commit ${scratch}\nmark :${at + 1}\nauthor ${author}\ncommitter ${author}\n`);
    data(Buffer.from(commit.message));
    say(`from ${at === 0 ? parent : `:${at}`}\n`);
    if (commit.merges !== undefined) say(`merge ${commit.merges}\n`);
    for (const { path, mode, bytes, oid } of commit.changes) {
      if (oid !== undefined) say(`M ${mode} ${oid} ${quoted(path)}\n`);
      else if (bytes === undefined) say(`D ${quoted(path)}\n`);
      else {
        say(`M ${mode} inline ${quoted(path)}\n`);
        data(bytes);
      }
    }
  });
  // Taking the name back leaves the commits without a ref: the caller moves what is to name them by compare-and-swap.
  say(`reset ${scratch}\nfrom ${'0'.repeat(parent.length)}\n\n`);
  commits.forEach((_, at) => say(`get-mark :${at + 1}\n`));
  say('done\n');
  const printed = await gitLine(['fast-import', '--quiet', '--done', '--force'], {
    cwd: repo,
    input: Buffer.concat(stream),
    ...(signal ? { signal } : {}),
  });
  return printed.split('\n');
};

/** Names the commit inside the stream only; no such ref is ever written. */
const scratch = 'refs/gt/writing';

/** A path as `fast-import` reads it, whatever it begins with. */
const quoted = (path: string): string =>
  `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
