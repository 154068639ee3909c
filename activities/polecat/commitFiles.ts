import { type FileChange, type ImportedCommit, importChain } from '../git/fastImport.ts';

export type { FileChange } from '../git/fastImport.ts';

export interface FilesCommit extends ImportedCommit {
  readonly parent: string;
  readonly changes: readonly FileChange[];
}

/** Writes one commit and returns its id: the same argument, the same id (G5). It moves no ref and touches no worktree. */
export const commitFiles = async (repo: string, { parent, ...commit }: FilesCommit): Promise<string> => {
  const [id = ''] = await importChain(repo, parent, [commit]);
  return id;
};
