import type { ApplicationFailure } from '@temporalio/common';
import type { HostSettings, ModelSettings } from '../../workflows/domain/model.ts';
import { fail } from '../failure.ts';
import { type Overflow, readError, readOverflow } from './serverError.ts';

/** Which request an answer belongs to, for its evidence. */
export interface Asked {
  readonly host: HostSettings;
  /** Undefined for requests that concern the whole host. */
  readonly model: ModelSettings | undefined;
  readonly url: string;
}

/** What a server answered when it was not what was asked for. */
export interface BadAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter?: string | null;
}

/**
 * The failure that an answer of a model server means. Servers agree on neither status nor type for the same fault
 * (Ollama's `type` is `api_error` for nearly all), so status and message decide together.
 */
export const badAnswer = (asked: Asked, answer: BadAnswer): ApplicationFailure => {
  const { status } = answer;
  const error = readError(answer.body);
  const text = `${error.type} ${error.message}`;
  const evidence = describe(asked, answer);
  const { host } = asked;

  if (isHtml(answer.body)) return notAModelServer(asked, answer);
  const overflow = readOverflow(error);
  if (overflow !== undefined) return contextFailure(asked, overflow, evidence);
  if (status === 401 || status === 403) {
    return fail('HostRefused', {
      what: `Host ${host.name} refused the key.`,
      evidence,
      next:
        host.apiKeyEnv === undefined
          ? `Name the environment variable that holds its key as apiKeyEnv of host ${host.name}, and set it where the worker runs.`
          : `Check the value of ${host.apiKeyEnv} where the worker of host ${host.name} runs.`,
    });
  }
  if (/model is not loaded/i.test(text)) {
    return fail('ModelNotResident', {
      what: `Host ${host.name} has not loaded ${modelName(asked)}.`,
      evidence,
      next: 'Nothing: the town loads it again.',
    });
  }
  if (
    (status === 404 || status === 400) &&
    /model .*(not found|does not exist)|no such model|unknown model/is.test(text)
  ) {
    return modelMissing(asked, evidence);
  }
  if (status === 429 || status === 503) {
    const loading = /loading model/i.test(text);
    return fail('HostBusy', {
      what: loading ? `Host ${host.name} is still loading its model.` : `Host ${host.name} is busy.`,
      evidence,
      next: 'Nothing: the call is repeated. If it stays so, lower the slots of the host.',
      retryAfterMs: retryAfterMs(answer.retryAfter) ?? (loading ? 1_000 : 2_000),
    });
  }
  if (status === 404 || (status >= 300 && status < 400)) return notAModelServer(asked, answer);
  if (status >= 500 || status === 408) {
    return fail('HostDown', {
      what: `Host ${host.name} failed with status ${status}.`,
      evidence,
      next: `The call is repeated. If it stays so, read the log of the server at ${host.url}.`,
    });
  }
  return fail('HostRefused', {
    what: `Host ${host.name} refused the request with status ${status}.`,
    evidence,
    next: `Check that the server at ${host.url} accepts chat completions for ${modelName(asked)}.`,
  });
};

export const notAModelServer = (asked: Asked, answer: BadAnswer): ApplicationFailure =>
  fail('NotAModelServer', {
    what: `What answers at ${asked.host.url} is not a model server.`,
    evidence: describe(asked, { ...answer, body: answer.body.slice(0, 200) }),
    next: `Check the url of host ${asked.host.name}: the address and port of the model server, without a path. A proxy or login page may be in the way.`,
  });

export const modelMissing = (asked: Asked, evidence: string): ApplicationFailure =>
  fail('ModelMissing', {
    what: `Host ${asked.host.name} does not have the model ${modelName(asked)}.`,
    evidence,
    next:
      asked.host.kind === 'ollama'
        ? `On the host: ollama pull ${modelName(asked)}. Or correct the name of model ${asked.model?.key ?? ''}.`
        : `Correct the name of model ${asked.model?.key ?? ''} to one that ${asked.host.url}/v1/models lists, or serve it there.`,
  });

/** The prompt was longer than the context: the polecat's to shorten, unless the host holds less than was promised. */
export const contextFailure = (asked: Asked, overflow: Overflow, evidence: string): ApplicationFailure => {
  const promised = asked.model?.context ?? 0;
  if (overflow.context !== undefined && overflow.context < promised) {
    return contextTooSmall(asked, overflow.context, evidence);
  }
  return fail('ContextOverflow', {
    what: `The prompt${overflow.prompt === undefined ? '' : ` of ${overflow.prompt} tokens`} does not fit the context of ${promised} tokens of model ${asked.model?.key ?? ''}.`,
    evidence,
    next: 'Name fewer or smaller files in the bead, split it, or give it to a model with more context.',
  });
};

/** A context below what the model entry promises, with the very setting that changes it (G8). */
export const contextTooSmall = (asked: Asked, found: number, evidence: string): ApplicationFailure =>
  fail('ContextTooSmall', {
    what: `Host ${asked.host.name} gives ${modelName(asked)} a context of ${found} tokens; model ${asked.model?.key ?? ''} promises ${asked.model?.context ?? 0}.`,
    evidence,
    next: contextSetting(asked, found),
  });

const contextSetting = ({ host, model }: Asked, found: number): string => {
  const context = model?.context ?? 0;
  const lower = `Or set context: ${found} for model ${model?.key ?? ''}.`;
  if (host.kind === 'ollama') {
    const name = model?.name ?? '';
    const alias = `${name.replace(/:latest$/, '').replace(/:/g, '-')}-${context}`;
    const body = JSON.stringify({ model: alias, from: name, parameters: { num_ctx: context } });
    return `Make an alias that carries the context: curl ${host.url}/api/create -d '${body}' and use name: ${alias} for model ${model?.key ?? ''}. Or start the server with OLLAMA_CONTEXT_LENGTH=${context}. ${lower}`;
  }
  return `llama.cpp: start the server with -c ${context * host.slots} -np ${host.slots} (-c is divided by -np). vLLM: --max-model-len ${context}. ${lower}`;
};

/** A host that cannot be reached, or that hung up before it said anything. */
export const hostDown = (asked: Asked, cause: unknown): ApplicationFailure =>
  fail('HostDown', {
    what: `Host ${asked.host.name} does not answer at ${asked.host.url}.`,
    evidence: `${asked.url}: ${reason(cause)}`,
    next: 'Start the model server there, or correct the url. The town goes on as soon as it answers.',
    cause,
  });

/** The message of an error and of what caused it, in one line. */
export const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code} ` : '';
  const own = `${code}${error.message}`.trim() || error.name;
  return error.cause === undefined ? own : `${own}: ${reason(error.cause)}`;
};

export const describe = (asked: Asked, answer: BadAnswer): string =>
  `${asked.url}: status ${answer.status}\n${answer.body.trim() === '' ? '(empty body)' : answer.body.trim()}`;

export const isHtml = (body: string): boolean => /^\s*(<!doctype html|<html|<head|<\?xml)/i.test(body);

const modelName = (asked: Asked): string => asked.model?.name ?? 'the model';

/** Seconds or a date; never more than ten minutes, whatever a server says. */
const retryAfterMs = (header: string | null | undefined): number | undefined => {
  if (header === null || header === undefined) return;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 600_000) : undefined;
};
