import { ApplicationFailure } from '@temporalio/common';
import type { Failure, FailureType } from '../../workflows/domain/failure.ts';
import * as told from '../../workflows/domain/host/hostTrouble.ts';
import type { HostSettings, ModelSettings } from '../../workflows/domain/host/model.ts';
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
    return thrown(told.keyRefused(host, evidence));
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

export const notAModelServer = ({ host, ...asked }: Asked, answer: BadAnswer): ApplicationFailure =>
  thrown(
    told.notAModelServer(host, describe({ host, ...asked }, { ...answer, body: answer.body.slice(0, 200) })),
  );

export const modelMissing = ({ host, model }: Asked, evidence: string): ApplicationFailure =>
  thrown(told.modelMissing(host, model ?? anyModel, evidence));

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
export const contextTooSmall = (
  { host, model }: Asked,
  found: number,
  evidence: string,
): ApplicationFailure => thrown(told.contextTooSmall(host, model ?? anyModel, found, evidence));

/** A host that cannot be reached, or that hung up before it said anything. */
export const hostDown = (asked: Asked, cause: unknown): ApplicationFailure =>
  thrown(told.hostDown(asked.host, `${asked.url}: ${reason(cause)}`), cause);

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

export const isOfType = (error: unknown, type: FailureType): boolean =>
  error instanceof ApplicationFailure && error.type === type;

const thrown = (failure: Failure, cause?: unknown): ApplicationFailure =>
  fail(failure.type, { ...failure, cause });

/** For answers to requests that concern the whole host. */
const anyModel: told.PromisedModel = { key: '', name: 'the model', context: 0 };

const modelName = (asked: Asked): string => asked.model?.name ?? 'the model';

/** Seconds or a date; never more than ten minutes, whatever a server says. */
const retryAfterMs = (header: string | null | undefined): number | undefined => {
  if (header === null || header === undefined) return;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 600_000) : undefined;
};
