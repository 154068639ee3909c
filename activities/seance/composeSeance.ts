import type { Client } from '@temporalio/client';
import { clip } from '../../workflows/domain/failure.ts';
import type { ModelSettings } from '../../workflows/domain/host/model.ts';
import { type BeadRef, beadKey, workflowId } from '../../workflows/domain/naming.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import { beadStatus } from '../../workflows/messages.ts';
import type { SeancePort } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { TranscriptLine, Transcripts } from '../ledger/transcripts.ts';
import { readPrompt } from '../models/prompt.ts';
import { charsIn, estimateTokens } from '../models/tokens.ts';
import { fillTemplate, loadTemplate, templateHash } from '../polecat/template.ts';
import { inFence, masked } from '../polecat/untrusted.ts';

export interface SeanceDeps {
  readonly client: Client;
  readonly blobs: Blobs;
  readonly transcript: Pick<Transcripts, 'read'>;
  readonly models: ReadonlyMap<string, ModelSettings>;
}

/** Share of a context that prompts fill: our count of tokens is an estimate. */
const fillLevel = 0.75;
/** Of what the question leaves: the last prompt, which has the task and the last failures, and the last reply. */
const shares = { prompt: 0.5, reply: 0.3 } as const;

/** Writes the prompt of a question about a bead from its transcript. */
export const createComposeSeance = (deps: SeanceDeps): SeancePort => ({
  async composeSeance({ ref, questionRef, model: key }) {
    const model = deps.models.get(key);
    if (model === undefined) throw unknownModel(key, deps);
    const [question, calls, end] = await Promise.all([
      deps.blobs.get(questionRef),
      deps.transcript.read(ref),
      endOf(deps.client, ref),
    ]);
    const turns = lastConversation(calls);
    const last = turns.at(-1);
    if (last === undefined) throw nothingSaid(ref);
    const templates = [
      loadTemplate('system.md', import.meta.url),
      loadTemplate('question.md', import.meta.url),
    ];
    const [system, user] = templates as [(typeof templates)[0], (typeof templates)[0]];
    const values = { bead: beadKey(ref), end: inBlock(end), question: masked(plainLines(question).trim()) };
    const bare = fillTemplate(system, {}) + fillTemplate(user, { ...values, record: '' });
    const room = charsIn(fillLevel * (model.context - model.maxTokens)) - bare.length;
    const record = await recordOf(deps.blobs, turns, last, Math.max(0, room));
    const messages = [
      { role: 'system', content: fillTemplate(system, {}) },
      { role: 'user', content: fillTemplate(user, { ...values, record }) },
    ];
    const chars = messages.reduce((sum, { content }) => sum + content.length, 0);
    const prompt = { version: 1, template: templateHash(templates), messages };
    return {
      promptRef: await deps.blobs.put(JSON.stringify(prompt)),
      estimatedTokens: estimateTokens(chars),
      replyTokens: model.maxTokens,
    };
  },
});

/** The turns with a reply of the newest conversation; where lines say nothing of conversations, all of them. */
const lastConversation = (calls: readonly TranscriptLine[]): readonly TranscriptLine[] => {
  const turns = calls.filter(
    ({ replyRef, role = 'polecat' }) => replyRef !== undefined && role === 'polecat',
  );
  const newest = turns.at(-1)?.conversation;
  return newest === undefined ? turns : turns.filter(({ conversation }) => conversation === newest);
};

/** What the bead says of itself; a bead of which the server knows nothing any more says nothing. */
const endOf = async (client: Client, ref: BeadRef): Promise<string> => {
  const handle = client.workflow.getHandle(workflowId.bead(ref));
  const status = await client.connection
    .withDeadline(Date.now() + 10_000, () => handle.query(beadStatus))
    .catch(() => undefined);
  if (status === undefined) return '';
  const { title, state, attempt, failure, lastFeedback, stall } = status;
  return [
    `title: ${oneLine(title, 200)}`,
    `state: ${state}, attempt ${attempt}`,
    ...(stall === undefined ? [] : [`went in circles: ${oneLine(stall, 300)}`]),
    ...(lastFeedback === undefined ? [] : [`what its last turn met: ${oneLine(lastFeedback, 500)}`]),
    ...(failure === undefined ? [] : [`ended by ${failure.type}: ${failure.what}`, failure.evidence]),
  ].join('\n');
};

const recordOf = async (
  blobs: Blobs,
  turns: readonly TranscriptLine[],
  last: TranscriptLine,
  room: number,
): Promise<string> => {
  const asked = await promptText(blobs, last.promptRef);
  const said = await textOf(blobs, last.replyRef);
  const parts = [
    section(`What turn ${last.turn} was asked`, clip(asked, room * shares.prompt)),
    section(`What it replied (${oneLine(last.outcome, 60)})`, clip(said, room * shares.reply)),
  ];
  let left = room - parts.reduce((sum, part) => sum + part.length, 0);
  const before: string[] = [];
  // Newest first, as many whole ones as fit.
  for (const turn of turns.slice(0, -1).toReversed()) {
    const part = section(`What turn ${turn.turn} replied`, await textOf(blobs, turn.replyRef));
    left -= part.length;
    if (left < 0) break;
    before.unshift(part);
  }
  return [...before, ...parts].join('\n');
};

const section = (title: string, text: string): string => `\n# ${title}\n\n${inBlock(text)}\n`;

const inBlock = (text: string): string => (text === '' ? '' : inFence(masked(plainLines(text).trim()), ''));

/** Without the rules of the reply's form, which are the same for every bead. */
const promptText = async (blobs: Blobs, ref: string): Promise<string> => {
  const text = await blobs.get(ref).catch(() => '');
  if (text === '') return pruned;
  return readPrompt(text, ref)
    .filter(({ role }) => role !== 'system')
    .map(({ content }) => content)
    .join('\n\n');
};

const textOf = async (blobs: Blobs, ref: string | undefined): Promise<string> =>
  ref === undefined ? pruned : await blobs.get(ref).catch(() => pruned);

const pruned = '(this text is not in the home any more)';

const unknownModel = (key: string, { models }: SeanceDeps): Error =>
  fail('ModelUnavailable', {
    what: `The town has no model ${oneLine(key, 60)}.`,
    evidence: `models: ${[...models.keys()].join(', ')}`,
    next: 'Ask another one with --model.',
  });

const nothingSaid = (ref: BeadRef): Error =>
  fail('BlobMissing', {
    what: `No reply of ${beadKey(ref)} is recorded, so there is nobody to ask.`,
    evidence: `the transcript of ${beadKey(ref)} has no call with a reply`,
    next: `See its calls with: gt bead log ${beadKey(ref)}`,
    final: true,
  });
