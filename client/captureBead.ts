import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { type BeadRef, beadKey, workflowId } from '../workflows/domain/naming.ts';
import type { BeadStatus } from '../workflows/domain/report/report.ts';
import { askMaybe } from './ask.ts';
import {
  type BeadWork,
  type ChangedFile,
  changedFiles,
  commitsOf,
  findWork,
  patchOf,
  uncommitted,
} from './beadWork.ts';
import { callTexts } from './callTexts.ts';
import { readTranscript, type TranscriptCall } from './transcript.ts';

/** A bead at one moment: what the town says of it, its conversation and its worktree. */
export interface Capture {
  readonly bead: string;
  /** ISO 8601. */
  readonly at: string;
  /** Undefined while the town is closed, and for a bead that has not started. */
  readonly status: BeadStatus | undefined;
  readonly calls: readonly TranscriptCall[];
  readonly work: BeadWork | undefined;
  readonly files: readonly ChangedFile[];
  readonly commits: readonly string[];
  /** Of the worktree, as `git status --short` marks them. */
  readonly uncommitted: readonly string[];
}

export const captureBead = async (
  home: string,
  client: Client | undefined,
  ref: BeadRef,
): Promise<Capture> => {
  const handle = client?.workflow.getHandle(workflowId.bead(ref));
  const [status, calls, work] = await Promise.all([
    client && handle && askMaybe<BeadStatus>(client, handle, 'beadStatus'),
    readTranscript(home, beadKey(ref)),
    findWork(home, ref),
  ]);
  return {
    bead: beadKey(ref),
    at: new Date().toISOString(),
    ...{ status, calls, work },
    files: work === undefined ? [] : await changedFiles(work),
    commits: work === undefined ? [] : await commitsOf(work),
    // Its polecat may be clearing it away at this moment.
    uncommitted: work === undefined ? [] : await uncommitted(work).catch(() => []),
  };
};

/** Writes a capture with every text of it into a new folder. Throws `EEXIST` when there is one. */
export const saveCapture = async (home: string, capture: Capture, folder: string): Promise<void> => {
  await mkdir(folder);
  const texts = await callTexts(home, capture.calls);
  const put = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  await put('bead.json', `${JSON.stringify(capture, undefined, 2)}\n`);
  if (capture.work !== undefined) await put('change.patch', await patchOf(capture.work));
  for (const [at, call] of capture.calls.entries()) {
    const name = `call-${String(at + 1).padStart(3, '0')}-turn-${call.turn}`;
    if (call.promptRef !== undefined) await put(`${name}-prompt.json`, texts.get(call.promptRef) ?? '');
    if (call.replyRef !== undefined) await put(`${name}-reply.txt`, texts.get(call.replyRef) ?? '');
  }
};
