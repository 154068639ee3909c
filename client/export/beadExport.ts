import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { taskBlobs } from '../../deploy/town/taskBlobs.ts';
import { readTranscript, type TranscriptCall } from '../transcript.ts';

/** One message of a prompt. */
export interface ExportedMessage {
  readonly role: string;
  readonly content: string;
}

/** A model call with its texts; a text that the home has no more is undefined. */
export interface ExportedCall extends TranscriptCall {
  readonly kind: 'call';
  readonly prompt: readonly ExportedMessage[] | undefined;
  readonly reply: string | undefined;
}

/** A run of a bead's gates with what they said, and what the turn had changed. */
export interface ExportedGates {
  readonly kind: 'gates';
  readonly at: number;
  /** The turn whose change was gated. */
  readonly turn: number;
  readonly head: string;
  readonly verdict: string;
  readonly ms: number;
  readonly gates: readonly { readonly gate: string; readonly passed: boolean; readonly ms: number }[];
  readonly failures: readonly {
    readonly gate: string;
    readonly summary: string;
    readonly log: string | undefined;
  }[];
  readonly diff: string | undefined;
}

export type ExportedStep = ExportedCall | ExportedGates;

/** A bead's whole conversation, oldest first. */
export interface BeadExport {
  /** CONVOY/EPIC/BEAD. */
  readonly bead: string;
  readonly steps: readonly ExportedStep[];
}

/** Reads all that the home has of a bead's conversation. Needs no open town; secrets were concealed when it was written. */
export const exportBead = async (
  home: string,
  bead: string,
  isWanted: (call: TranscriptCall) => boolean,
): Promise<BeadExport> => {
  const blobs = taskBlobs(home);
  const textOf = async (ref: unknown): Promise<string | undefined> =>
    typeof ref === 'string' ? await blobs.get(ref) : undefined;
  const all = await readTranscript(home, bead);
  const runs = await readRuns(home, bead);
  const calls = all.filter(isWanted).map(
    async (call): Promise<ExportedCall> => ({
      kind: 'call',
      ...call,
      prompt: messagesIn(await textOf(call.promptRef)),
      reply: await textOf(call.replyRef),
    }),
  );
  const gates = runs.flatMap((run) => {
    const before = all.filter(({ at }) => timeOf(at) <= run.at).at(-1);
    return before === undefined || !isWanted(before) ? [] : [exportedRun(run, before.turn, textOf)];
  });
  const steps = await Promise.all([...calls, ...gates]);
  return { bead, steps: steps.toSorted((a, b) => timeOf(a.at) - timeOf(b.at)) };
};

const exportedRun = async (
  { failures, diffRef, ...run }: Run,
  turn: number,
  textOf: (ref: unknown) => Promise<string | undefined>,
): Promise<ExportedGates> => ({
  ...{ kind: 'gates', ...run, turn },
  failures: await Promise.all(
    failures.map(async ({ gate, summary, logRef }) => ({ gate, summary, log: await textOf(logRef) })),
  ),
  diff: await textOf(diffRef),
});

/** Epoch ms of a time in either form. */
export const timeOf = (at: number | string): number => (typeof at === 'number' ? at : Date.parse(at) || 0);

interface Run extends Pick<ExportedGates, 'at' | 'head' | 'verdict' | 'ms' | 'gates'> {
  readonly failures: readonly { readonly gate: string; readonly summary: string; readonly logRef?: string }[];
  readonly diffRef?: string;
}

/** As the gates' activity leaves them beside the transcript; a line that a crash tore is left out. */
const readRuns = async (home: string, bead: string): Promise<readonly Run[]> => {
  const text = await readFile(join(home, 'transcripts', `${bead}.gates.jsonl`), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      const run = JSON.parse(line) as Run;
      return typeof run.at === 'number' && Array.isArray(run.gates) && Array.isArray(run.failures)
        ? [run]
        : [];
    } catch {
      return [];
    }
  });
};

/** A prompt is kept as the JSON that was sent. */
const messagesIn = (text: string | undefined): readonly ExportedMessage[] | undefined => {
  if (text === undefined) return;
  try {
    const { messages } = JSON.parse(text) as { messages: readonly ExportedMessage[] };
    return messages.map(({ role, content }) => ({ role: String(role), content: String(content) }));
  } catch {
    return [{ role: 'prompt', content: text }];
  }
};
