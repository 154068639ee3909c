import type { GenerateContentResponse } from '@google/genai';
import { patientFetch } from '../../deploy/machine/patientFetch.ts';
import { reason } from '../models/answers.ts';
import { type Deadlines, startDeadlines } from '../models/deadlines.ts';
import { estimateTokens } from '../models/tokens.ts';
import { geminiError } from './geminiError.ts';
import { clocksOf, type PlannerCall, type PlannerText } from './plannerCall.ts';
import { plannerFailure } from './plannerFailure.ts';
import { planReplySchema } from './replyShape.ts';

/** Given explicitly, so that nothing in the environment sends a repository's outline somewhere else. */
const origin = 'https://generativelanguage.googleapis.com';

/** Asks the Gemini API, streamed so that silence is noticed. Retries of the SDK are off: the plan repeats calls. */
export const askGemini = async (call: PlannerCall): Promise<PlannerText> => {
  const deadlines = startDeadlines(clocksOf(call));
  const seen = collector(call);
  try {
    const stream = await open(call, AbortSignal.any([call.signal, deadlines.signal]));
    for await (const chunk of stream) {
      seen.add(chunk);
      deadlines.token();
    }
  } catch (error) {
    throw ended(call, deadlines) ?? (await geminiError(call, error, seen.began()));
  } finally {
    deadlines.stop();
  }
  const cut = ended(call, deadlines);
  if (cut !== undefined) throw cut;
  return seen.text();
};

const open = async (call: PlannerCall, abortSignal: AbortSignal) => {
  const { mayor, messages, apiKey } = call;
  // Loaded when needed: most towns plan with their own models.
  const { GoogleGenAI } = await import('@google/genai');
  const client = new GoogleGenAI({
    vertexai: false,
    apiKey: apiKey ?? '',
    apiVersion: mayor.apiVersion,
    httpOptions: { baseUrl: mayor.baseUrl ?? origin, apiVersion: mayor.apiVersion, fetch: patientFetch },
  });
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  return client.models.generateContentStream({
    model: mayor.model,
    contents: messages
      .filter(({ role }) => role !== 'system')
      .map(({ role, content }) => ({
        role: role === 'assistant' ? 'model' : 'user',
        parts: [{ text: content }],
      })),
    // No temperature: Gemini 3 loops below its default of 1.
    config: {
      systemInstruction: system.join('\n\n'),
      maxOutputTokens: mayor.maxTokens,
      responseMimeType: 'application/json',
      responseJsonSchema: planReplySchema(),
      abortSignal,
    },
  });
};

const collector = (call: PlannerCall) => {
  const parts: string[] = [];
  let finish: string | undefined;
  let blocked: string | undefined;
  let began = false;
  return {
    began: () => began,
    add(chunk: GenerateContentResponse): void {
      began = true;
      const { promptFeedback, candidates, usageMetadata } = chunk;
      if (promptFeedback?.blockReason !== undefined) {
        blocked =
          `the prompt: ${promptFeedback.blockReason} ${promptFeedback.blockReasonMessage ?? ''}`.trim();
      }
      const [candidate] = candidates ?? [];
      finish = candidate?.finishReason ?? finish;
      for (const { text, thought } of candidate?.content?.parts ?? []) {
        if (text !== undefined && thought !== true) parts.push(text);
      }
      const counted = usageMetadata?.promptTokenCount;
      const chars = parts.reduce((sum, { length }) => sum + length, 0);
      call.onUsage({
        calls: 1,
        promptTokens: counted ?? call.estimatedTokens,
        completionTokens:
          (usageMetadata?.candidatesTokenCount ?? estimateTokens(chars)) +
          (usageMetadata?.thoughtsTokenCount ?? 0),
        estimated: counted === undefined,
      });
    },
    text(): PlannerText {
      const { mayor, apiKey } = call;
      if (blocked === undefined && finish === undefined) {
        const what = 'The Gemini API ended its answer in the middle.';
        throw plannerFailure(
          'StreamCut',
          mayor,
          { what, evidence: `${at(call)}: no finish reason came` },
          apiKey,
        );
      }
      if (blocked === undefined && finish !== 'STOP' && finish !== 'MAX_TOKENS')
        blocked = `the reply: ${finish}`;
      if (blocked !== undefined) {
        const what = `The Gemini API would not let ${mayor.model} answer.`;
        throw plannerFailure(
          'PlannerBlocked',
          mayor,
          { what, evidence: `${at(call)}: blocked ${blocked}` },
          apiKey,
        );
      }
      return { text: parts.join(''), finish: finish === 'MAX_TOKENS' ? 'length' : 'stop' };
    },
  };
};

const at = ({ mayor }: PlannerCall): string =>
  `${mayor.baseUrl ?? origin}/${mayor.apiVersion}/models/${mayor.model}:streamGenerateContent`;

/** Why the call was ended from our side, as the error to throw. */
const ended = (call: PlannerCall, deadlines: Deadlines): unknown => {
  if (call.signal.aborted) return call.signal.reason ?? new Error(reason(call.signal));
  const overrun = deadlines.overrun();
  if (overrun === undefined) return;
  const { mayor, apiKey, idleMs } = call;
  if (overrun === 'idle') {
    const what = `The planner ${mayor.model} fell silent for ${idleMs} ms in the middle of its reply.`;
    return plannerFailure('StreamStalled', mayor, { what, evidence: at(call) }, apiKey);
  }
  const what = `The planner ${mayor.model} did not answer within ${mayor.callTimeoutMs} ms.`;
  const type = overrun === 'firstToken' ? 'FirstTokenTimeout' : 'ReplyEndless';
  return plannerFailure(type, mayor, { what, evidence: at(call) }, apiKey);
};
