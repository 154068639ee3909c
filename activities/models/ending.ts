import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { APIError } from 'openai';
import type { Usage } from '../../workflows/domain/host/model.ts';
import { fail } from '../failure.ts';
import {
  type Asked,
  badAnswer,
  contextFailure,
  contextTooSmall,
  describe,
  hostDown,
  reason,
} from './answers.ts';
import type { Chat } from './chat.ts';
import type { Collected } from './collector.ts';
import type { Deadlines } from './deadlines.ts';
import { toolTokens } from './tokens.ts';
import type { Wire } from './wire.ts';

/** Why a call was ended from our side, as the error to throw. */
export const why = (call: Chat, deadlines: Deadlines): unknown => {
  if (call.signal.aborted) return call.signal.reason ?? new CancelledFailure('CANCELLED');
  const overrun = deadlines.overrun();
  if (overrun === undefined) return;
  const { host, model } = call;
  const at = `POST ${host.url}/v1/chat/completions, model ${model.name}`;
  if (overrun === 'idle') {
    return fail('StreamStalled', {
      what: `Host ${host.name} fell silent for ${model.idleMs} ms in the middle of a reply.`,
      evidence: at,
      next: 'The call is repeated. If it stays so, look at the load of the host, or raise idleTimeout of the model.',
    });
  }
  if (overrun === 'firstToken') {
    return fail('FirstTokenTimeout', {
      what: `Host ${host.name} sent no token within ${model.firstTokenMs} ms.`,
      evidence: `${at}, prompt of about ${call.estimatedTokens} tokens`,
      next: 'The call is repeated. If it stays so, raise firstTokenTimeout of the model (it covers queue, load and prompt).',
    });
  }
  return fail('ReplyEndless', {
    what: `The reply was not finished after ${model.callTimeoutMs} ms.`,
    evidence: at,
    next: 'Lower maxTokens or raise callTimeout of the model, or split the bead.',
  });
};

/** A stream that ended by an error. */
export const broken = (asked: Asked, error: unknown, seen: Collected, wire: Wire): unknown => {
  if (error instanceof ApplicationFailure) return error;
  if (/longer than \d+ bytes/.test(reason(error))) return endless(asked, reason(error));
  // `{"error": …}` inside a 200.
  if (error instanceof APIError && error.error !== undefined) {
    const code = Number(error.code);
    const body = JSON.stringify({ error: error.error });
    return badAnswer(asked, { status: code >= 400 && code < 600 ? code : 500, body });
  }
  return seen.tokens() === 0 && !wire.answered()
    ? hostDown(asked, error)
    : streamCut(asked, seen, reason(error));
};

/** What is wrong with a stream that ended by itself; undefined when nothing is. */
export const verdict = (call: Chat, asked: Asked, wire: Wire, seen: Collected): unknown => {
  const loop = seen.endless();
  if (loop !== undefined) return endless(asked, loop);
  if (wire.empty() && wire.stray() === '' && call.estimatedTokens > call.model.context / 2) {
    const evidence = describe(asked, { status: 200, body: '' });
    return contextFailure(asked, { prompt: call.estimatedTokens, context: undefined }, evidence);
  }
  if (wire.done() && seen.finish() !== undefined) return;
  // Ollama cuts a model that repeats one token 30 times, and says nothing.
  const word = seen.loopedOn();
  if (word !== undefined)
    return endless(asked, `the server cut a reply that ended with ${JSON.stringify(word)} over and over`);
  const missing = [seen.finish() === undefined ? 'a finish reason' : '', wire.done() ? '' : '[DONE]']
    .filter(Boolean)
    .join(' and ');
  return streamCut(
    asked,
    seen,
    `ended without ${missing}${wire.stray() === '' ? '' : `; last words: ${wire.stray()}`}`,
  );
};

const streamCut = (asked: Asked, seen: Collected, evidence: string) =>
  fail('StreamCut', {
    what: `Host ${asked.host.name} ended its answer in the middle, after ${seen.tokens()} chunks.`,
    evidence: `${asked.url}: ${evidence}`,
    next: `The call is repeated. If it stays so, read the log of the server at ${asked.host.url}: its model may have crashed.`,
  });

const endless = (asked: Asked, evidence: string) =>
  fail('ReplyEndless', {
    what: `Model ${asked.model?.key ?? ''} would not end its reply, and was cut.`,
    evidence: `${asked.url}: ${evidence}`,
    next: 'Give the bead to another model, or make its task smaller.',
  });

/** Of a count by the server's tokenizer: templates may differ by a few tokens, and some servers leave cached ones out. */
const leastOfCounted = 0.8;

/** Servers that cut a prompt to their context answer 200 and say nothing; their own count of the prompt gives it away. */
export const checkPrompt = (call: Chat, asked: Asked, usage: Usage): void => {
  if (usage.estimated) return;
  const { gauge, countedTokens, model } = call;
  const offered = toolTokens(call.tools);
  // Nobody knows what a server makes of tools: without them the prompt must be there, and the gauge learns nothing.
  const estimatedTokens = call.estimatedTokens - offered;
  const full = usage.promptTokens >= model.context;
  const cut =
    countedTokens === undefined
      ? gauge.wasCut(estimatedTokens, usage.promptTokens)
      : usage.promptTokens < countedTokens * leastOfCounted;
  if (!full && !cut) {
    if (offered === 0) gauge.learn(estimatedTokens, usage.promptTokens);
    return;
  }
  const expected = countedTokens ?? Math.round(gauge.expected(estimatedTokens));
  const evidence = `${asked.url}: the server counted ${usage.promptTokens} prompt tokens of ${countedTokens === undefined ? 'about ' : ''}${expected}: the rest was left out silently`;
  if (usage.promptTokens >= model.context * 0.9) {
    throw contextFailure(asked, { prompt: expected, context: undefined }, evidence);
  }
  throw contextTooSmall(asked, usage.promptTokens, evidence);
};
