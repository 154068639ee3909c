import type { Client } from '@temporalio/client';
import { type BeadRef, workflowId } from '../../workflows/domain/naming.ts';

/** What must stay, because somebody may still go on with it. */
export interface OpenWork {
  /** Whether a bead, its epic or its convoy is open, or has ended after `since`. */
  needs(bead: BeadRef): boolean;
  /** Texts by content hash that open histories mention. */
  readonly blobs: ReadonlySet<string>;
}

/**
 * Asks the server what is open or has ended since a moment (epoch ms), and reads the histories of what is open. Everything
 * in them that could be the name of a text counts as one: too much is kept rather than too little.
 */
export const openWork = async (client: Client, since: number): Promise<OpenWork> => {
  const ended = `CloseTime > "${new Date(since).toISOString()}"`;
  const ids = new Set<string>();
  for await (const { workflowId: id } of client.workflow.list({ query: ended })) ids.add(id);
  const blobs = new Set<string>();
  const open = client.workflow.list({ query: 'ExecutionStatus = "Running"' });
  for await (const { workflowId: id, history } of open.intoHistories({ concurrency: 4 })) {
    ids.add(id);
    for (const text of textsIn(history)) {
      for (const [hash] of text.matchAll(/\b[0-9a-f]{64}\b/g)) blobs.add(hash);
    }
  }
  return {
    needs: (bead) =>
      ids.has(workflowId.bead(bead)) ||
      ids.has(workflowId.epic(bead.convoy, bead.epic)) ||
      ids.has(workflowId.convoy(bead.convoy)),
    blobs,
  };
};

/** Every payload of a history as text, wherever it is. */
function* textsIn(value: unknown): Generator<string> {
  if (value instanceof Uint8Array) yield Buffer.from(value).toString('latin1');
  else if (Array.isArray(value)) for (const item of value) yield* textsIn(item);
  else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) yield* textsIn(item);
  }
}
