import { identity } from '../../deploy/machine/gitEnvironment.ts';
import { gitLine } from '../git/run.ts';

/** A file of the next commit: its bytes and mode, or undefined where it goes away. */
export interface FileChange {
  readonly path: string;
  readonly bytes: Buffer | undefined;
  readonly mode: string;
}

export interface FilesCommit {
  readonly parent: string;
  /** Seconds since 1970, of author and committer. */
  readonly seconds: number;
  readonly message: string;
  readonly changes: readonly FileChange[];
}

/**
 * Writes a commit and returns its id. A pure function of its argument: repeating it gives the same id (G5). It moves no ref
 * and touches no worktree, so that nothing is half done when the process dies here.
 */
export const commitFiles = async (repo: string, commit: FilesCommit): Promise<string> => {
  const stream: Buffer[] = [];
  const say = (text: string): void => void stream.push(Buffer.from(text));
  const data = (bytes: Buffer): void => {
    say(`data ${bytes.length}\n`);
    stream.push(bytes);
    say('\n');
  };
  const author = `${identity.name} <${identity.email}> ${commit.seconds} +0000`;
  say(`commit ${scratch}\nmark :1\nauthor ${author}\ncommitter ${author}\n`);
  data(Buffer.from(commit.message));
  say(`from ${commit.parent}\n`);
  for (const change of commit.changes) {
    if (change.bytes === undefined) say(`D ${quoted(change.path)}\n`);
    else {
      say(`M ${change.mode} inline ${quoted(change.path)}\n`);
      data(change.bytes);
    }
  }
  // Taking the name back leaves the commit without a ref: the caller moves the branch by compare-and-swap.
  say(`reset ${scratch}\nfrom ${'0'.repeat(commit.parent.length)}\n\nget-mark :1\ndone\n`);
  return gitLine(['fast-import', '--quiet', '--done', '--force'], {
    cwd: repo,
    input: Buffer.concat(stream),
  });
};

/** Names the commit inside the stream only; no such ref is ever written. */
const scratch = 'refs/gt/writing';

/** A path as `fast-import` reads it, whatever it begins with. */
const quoted = (path: string): string => `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
