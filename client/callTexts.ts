import { taskBlobs } from '../deploy/town/taskBlobs.ts';
import type { TranscriptCall } from './transcript.ts';

/** Prompts and replies of calls by their content hash, as far as the home still has them. */
export const callTexts = async (
  home: string,
  calls: readonly TranscriptCall[],
): Promise<ReadonlyMap<string, string>> => {
  const blobs = taskBlobs(home);
  const texts = new Map<string, string>();
  for (const ref of calls.flatMap(({ promptRef, replyRef }) => [promptRef, replyRef])) {
    if (ref !== undefined)
      texts.set(ref, (await blobs.get(ref)) ?? '(this text is not in the home any more)');
  }
  return texts;
};
