import { reason } from '../models/answers.ts';
import type { PlannerCall } from './plannerCall.ts';
import { type PlannerFault, plannerFailure } from './plannerFailure.ts';

interface Body {
  readonly message: string;
  readonly status: string;
  readonly retryAfterMs: number | undefined;
}

/** The failure that an error of the SDK means. Its message is the body of the answer; headers are lost. */
export const geminiError = async (call: PlannerCall, error: unknown, began: boolean): Promise<unknown> => {
  const { mayor, apiKey } = call;
  const { ApiError } = await import('@google/genai');
  if (!(error instanceof ApiError)) {
    const type = began ? 'StreamCut' : 'HostDown';
    const what = began
      ? 'The Gemini API ended its answer in the middle.'
      : 'The Gemini API cannot be reached.';
    return plannerFailure(type, mayor, { what, evidence: reason(error) }, apiKey);
  }
  const body = bodyOf(error.message);
  const type = typeOf(error.status, body);
  const told = {
    what: whatOf(type, mayor.model, error.status),
    evidence: `status ${error.status} ${body.status}\n${body.message}`.slice(0, 1_500),
    retryAfterMs: type === 'HostBusy' ? (body.retryAfterMs ?? 10_000) : undefined,
  };
  return plannerFailure(type, mayor, told, apiKey);
};

const typeOf = (status: number, { message }: Body): PlannerFault => {
  if (status === 404) return 'ModelUnavailable';
  if (status === 401 || status === 403 || /api key/i.test(message)) return 'HostRefused';
  if (status === 429 || status === 503) return 'HostBusy';
  if (status === 400 && /token count|exceeds the maximum|too (long|large)/i.test(message))
    return 'ContextOverflow';
  return status >= 500 || status === 408 ? 'HostDown' : 'HostRefused';
};

const whatOf = (type: PlannerFault, model: string, status: number): string => {
  switch (type) {
    case 'ModelUnavailable':
      return `The Gemini API does not serve the model ${model}: it is retired, misspelt, or of another apiVersion.`;
    case 'HostBusy':
      return `The Gemini API takes no more calls of ${model} for now.`;
    case 'ContextOverflow':
      return `The prompt is too long for ${model}.`;
    case 'HostDown':
      return `The Gemini API failed with status ${status}.`;
    default:
      return `The Gemini API refused the call with status ${status}.`;
  }
};

/** Never longer than ten minutes, whatever a provider says: the plan waits with a person before it. */
const longestWaitMs = 600_000;

const bodyOf = (message: string): Body => {
  const plain = { message, status: '', retryAfterMs: undefined };
  try {
    const { error } = JSON.parse(message) as {
      error?: { message?: unknown; status?: unknown; details?: unknown };
    };
    if (error === undefined) return plain;
    const details = Array.isArray(error.details) ? (error.details as { retryDelay?: unknown }[]) : [];
    const delay = details.map(({ retryDelay }) => retryDelay).find((one) => typeof one === 'string');
    const seconds = Number.parseFloat(String(delay));
    return {
      message: nested(String(error.message ?? message)),
      status: String(error.status ?? ''),
      retryAfterMs: Number.isFinite(seconds)
        ? Math.min(Math.max(seconds * 1_000, 0), longestWaitMs)
        : undefined,
    };
  } catch {
    return plain;
  }
};

/** The SDK puts a body into a body. */
const nested = (message: string): string => {
  try {
    const { error } = JSON.parse(message) as { error?: { message?: unknown } };
    return typeof error?.message === 'string' ? error.message : message;
  } catch {
    return message;
  }
};
