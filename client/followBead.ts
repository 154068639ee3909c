import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { isSettled } from '../workflows/domain/bead/bead.ts';
import { type BeadRef, beadKey, workflowId } from '../workflows/domain/naming.ts';
import type { BeadStatus, EpicStatus } from '../workflows/domain/report/report.ts';
import { askMaybe } from './ask.ts';
import { readTranscript, type TranscriptCall, transcriptPath } from './transcript.ts';

/** What a bead did since the last look: calls that have ended, and the moment of its life when that is another one. */
export interface BeadNews {
  readonly calls: readonly TranscriptCall[];
  readonly state: BeadStatus['state'] | undefined;
  /** What became of the second opinion, when that is news. */
  readonly review?: string;
}

const everyMs = 1_000;

/**
 * The news of a bead until it has landed, is blocked or is cancelled, or the signal is aborted. The first are the calls that
 * its transcript has already.
 */
export async function* followBead(
  home: string,
  client: Client,
  bead: BeadRef,
  signal: AbortSignal,
): AsyncGenerator<BeadNews> {
  let seen = 0;
  let size = -1;
  let state: BeadNews['state'];
  let review: string | undefined;
  while (!signal.aborted) {
    // Asked before the file is read: what its last call wrote is there when it says that it has ended.
    const { state: now, review: said } = await stateOf(client, bead);
    const bytes = await stat(transcriptPath(home, beadKey(bead))).then(
      (found) => found.size,
      () => 0,
    );
    const all = bytes === size ? undefined : await readTranscript(home, beadKey(bead));
    const calls = all?.slice(seen) ?? [];
    const opinion = said === undefined || said === review ? {} : { review: said };
    if (calls.length > 0 || (now !== undefined && now !== state) || 'review' in opinion)
      yield { calls, state: now === state ? undefined : now, ...opinion };
    [seen, size, state, review] = [all?.length ?? seen, bytes, now ?? state, said ?? review];
    if (state !== undefined && isSettled(state)) return;
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}

/** A bead whose needs have not landed has no workflow yet; its epic knows it. */
const stateOf = async (
  client: Client,
  bead: BeadRef,
): Promise<Partial<Pick<BeadStatus, 'state' | 'review'>>> => {
  const own = await askMaybe<BeadStatus>(
    client,
    client.workflow.getHandle(workflowId.bead(bead)),
    'beadStatus',
  );
  if (own !== undefined) return own;
  const epic = client.workflow.getHandle(workflowId.epic(bead.convoy, bead.epic));
  const board = await askMaybe<EpicStatus>(client, epic, 'epicStatus');
  const state = board?.beads.find((line) => line.bead === bead.bead)?.state;
  return state === undefined || state === 'working' ? {} : { state };
};
