import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { deskPath, deskVersion, type Question, type Reply } from './wire.ts';

/** Longer than any look at a town may take; a desk that is silent for so long is not asked to the end. */
const patienceMs = 20_000;

/**
 * Asks the open town of a home. Undefined when it has no desk, or one of another version: the caller then asks Temporal itself,
 * which loads half a second of client first.
 */
export const askDesk = async (
  home: string,
  question: Omit<Question, 'version'>,
): Promise<Exclude<Reply, { kind: 'unknown' }> | undefined> => {
  const path = deskPath(home);
  if (path === undefined) return;
  const socket = connect({ path, signal: AbortSignal.timeout(patienceMs) });
  try {
    socket.end(`${JSON.stringify({ ...question, version: deskVersion })}\n`);
    const reply = JSON.parse(await text(socket)) as Reply;
    return reply.kind === 'unknown' ? undefined : reply;
  } catch {
    // Nobody listens, it was closed in mid-answer, or it is stuck.
    return;
  } finally {
    socket.destroy();
  }
};
