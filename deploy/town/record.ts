import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessMark } from './processes.ts';

export type ProcessRole = 'supervisor' | 'server' | 'town' | 'hosts';

/** What `town.json` says of an open town: enough to reach it, and to find its processes again. */
export interface TownRecord {
  readonly name: string;
  readonly namespace: string;
  /** Temporal's frontend, `host:port`. */
  readonly address: string;
  readonly uiUrl: string | undefined;
  readonly homeId: string;
  readonly config: string | undefined;
  /** sha256 of the text that it was opened with: a file that still has it has no mistakes. */
  readonly configHash?: string | undefined;
  /** The git commit of the town's code, or its package version. */
  readonly version: string;
  /** Names the code of the workflows that wrote the open histories; see `workflowsHash`. */
  readonly workflows?: string | undefined;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly state: 'starting' | 'open' | 'closing' | 'closed';
  readonly pids: readonly (ProcessMark & { readonly role: ProcessRole })[];
}

/** Reads `town.json`; undefined when this home has never had a town, or the file is not ours. */
export const readRecord = async (home: string): Promise<TownRecord | undefined> => {
  const text = await readFile(recordPath(home), 'utf8').catch(() => undefined);
  if (text === undefined) return;
  try {
    const record = JSON.parse(text) as TownRecord;
    return typeof record.address === 'string' && Array.isArray(record.pids) ? record : undefined;
  } catch {
    return;
  }
};

/** Replaces `town.json` as a whole: a reader sees the old or the new one, never half of one. */
export const writeRecord = async (home: string, record: TownRecord): Promise<void> => {
  await mkdir(home, { recursive: true });
  const draft = `${recordPath(home)}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(draft, `${JSON.stringify(record, undefined, 2)}\n`);
    await rename(draft, recordPath(home));
  } finally {
    await rm(draft, { force: true });
  }
};

export const recordPath = (home: string): string => join(home, 'town.json');

/** Of a configuration as it is on disk; undefined when it cannot be read. */
export const configHash = async (file: string): Promise<string | undefined> =>
  await readFile(file).then(
    (text) => createHash('sha256').update(text).digest('hex'),
    () => undefined,
  );
