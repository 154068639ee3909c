import { ApplicationFailure } from '@temporalio/common';
import type { CloudMayor } from '../../workflows/domain/plan/mayor.ts';
import { chat } from '../models/chat.ts';
import { clocksOf, type PlannerCall, type PlannerText } from './plannerCall.ts';
import { type PlannerFault, plannerFailure } from './plannerFailure.ts';
import { planReplySchema } from './replyShape.ts';

/** Asks a server with an OpenAI-compatible API, by the same streaming client as the town's own hosts. */
export const askOpenai = async (call: PlannerCall): Promise<PlannerText> => {
  try {
    return await ask(call, { response_format: planFormat() });
  } catch (error) {
    // Not every server takes a schema; the reply is checked in any case.
    if (!isAboutFormat(error)) throw told(call, error);
  }
  return await ask(call, {}).catch((error: unknown) => {
    throw told(call, error);
  });
};

const ask = async (call: PlannerCall, more: object): Promise<PlannerText> => {
  const { mayor, messages, estimatedTokens, apiKey, signal, onUsage } = call;
  const { text, finish, filtered } = await chat({
    host: {
      name: 'mayor',
      kind: 'openai',
      url: mayor.baseUrl ?? '',
      slots: 1,
      coresident: true,
      apiKeyEnv: mayor.apiKeyEnv,
      quiet: [],
    },
    model: {
      key: mayor.model,
      name: mayor.model,
      context: Number.MAX_SAFE_INTEGER,
      maxTokens: mayor.maxTokens,
      temperature: 0,
      tier: 'mayor',
      hosts: [],
      ...clocksOf(call),
    },
    parameters: { ...limitOf(mayor), ...more },
    // A provider that charges for its context does not cut prompts silently.
    gauge: { expected: (estimate) => estimate, wasCut: () => false, learn: () => {} },
    ...{ messages, estimatedTokens, apiKey, signal, onUsage },
  });
  if (filtered) {
    const what = `The planner at ${mayor.baseUrl} would not let ${mayor.model} answer.`;
    throw plannerFailure('PlannerBlocked', mayor, { what, evidence: 'finish reason content_filter' }, apiKey);
  }
  return { text, finish };
};

/** OpenAI's own newer models refuse `max_tokens`; other servers know nothing else. */
const limitOf = ({ baseUrl = '', maxTokens }: CloudMayor): object =>
  /\.openai\.com$/.test(URL.parse(baseUrl)?.hostname ?? '')
    ? { max_completion_tokens: maxTokens }
    : { max_tokens: maxTokens };

const planFormat = () => ({ type: 'json_schema', json_schema: { name: 'plan', schema: planReplySchema() } });

const isAboutFormat = (error: unknown): boolean =>
  error instanceof ApplicationFailure &&
  error.type === 'HostRefused' &&
  /response_format|json_schema|json schema|structured output|grammar/i.test(error.message);

const types: Readonly<Record<string, PlannerFault>> = {
  ModelMissing: 'ModelUnavailable',
  ModelNotResident: 'HostBusy',
  ContextTooSmall: 'ContextOverflow',
};

/** Providers say in many words that they have retired a model; a wrong address answers without any about models. */
const isAboutModel = (evidence: string): boolean =>
  /status 404\b/.test(evidence) && /"(?:error|message|detail)"/.test(evidence) && /\bmodel\b/i.test(evidence);

/** The client's failures speak of hosts of the town. */
const told = ({ mayor, apiKey }: PlannerCall, error: unknown): unknown => {
  if (!(error instanceof ApplicationFailure)) return error;
  const details = error.details?.[0] as { what?: string; evidence?: string } | undefined;
  if (details === undefined || error.type === undefined || error.type === null) return error;
  const retired = error.type === 'NotAModelServer' && isAboutModel(details.evidence ?? '');
  const type = retired ? 'ModelUnavailable' : (types[error.type] ?? (error.type as PlannerFault));
  const what = retired
    ? `The planner at ${mayor.baseUrl} does not serve the model ${mayor.model}.`
    : (details.what ?? error.message).replace(/\b[Hh]ost mayor\b/, `The planner at ${mayor.baseUrl}`);
  const retryAfterMs = typeof error.nextRetryDelay === 'number' ? error.nextRetryDelay : undefined;
  return plannerFailure(type, mayor, { what, evidence: details.evidence ?? '', retryAfterMs }, apiKey);
};
