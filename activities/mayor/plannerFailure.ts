import type { ApplicationFailure } from '@temporalio/common';
import type { FailureType } from '../../workflows/domain/failure.ts';
import type { CloudMayor } from '../../workflows/domain/plan/mayor.ts';
import { fail } from '../failure.ts';

/** Why a planner elsewhere gave no reply, in the town's own types. */
export type PlannerFault = Extract<
  FailureType,
  | 'HostDown'
  | 'HostBusy'
  | 'HostRefused'
  | 'ModelUnavailable'
  | 'NotAModelServer'
  | 'ContextOverflow'
  | 'PlannerBlocked'
  | 'StreamCut'
  | 'StreamStalled'
  | 'FirstTokenTimeout'
  | 'ReplyEndless'
>;

interface Told {
  readonly what: string;
  readonly evidence: string;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** The failure with what a person can do about it. The key is cut out of whatever the provider echoes. */
export const plannerFailure = (
  type: PlannerFault,
  mayor: CloudMayor,
  { what, evidence, retryAfterMs, cause }: Told,
  apiKey: string | undefined,
): ApplicationFailure =>
  fail(type, {
    what,
    evidence: withoutKey(evidence, apiKey),
    next: nextOf(type, mayor),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    // A cause's message could hold the key; its stack helps nobody.
    ...(cause instanceof Error && apiKey === undefined ? { cause } : {}),
  });

/** A text without the key, whole or as the beginning that some servers show. */
export const withoutKey = (text: string, apiKey: string | undefined): string => {
  if (apiKey === undefined || apiKey.length < 6) return text;
  return text.replaceAll(apiKey, '[key]').replaceAll(encodeURIComponent(apiKey), '[key]');
};

const nextOf = (type: PlannerFault, mayor: CloudMayor): string => {
  const { model, apiKeyEnv, provider } = mayor;
  const key = apiKeyEnv ?? 'the key';
  switch (type) {
    case 'ModelUnavailable':
      return `Set roles.mayor.model in gastown.yaml to a model that ${providerName(provider)} serves now${provider === 'gemini' ? ' (preview models need apiVersion: v1beta)' : ''}, then gt down, gt up and launch the epic again.`;
    case 'HostRefused':
      return `Check ${key === 'the key' ? 'roles.mayor.apiKeyEnv' : `the value of ${key}`} where the town runs (gt down, then gt up with it set), and that its account may use ${model}.`;
    case 'HostBusy':
      return 'The call is repeated when the provider says. If it stays so, its quota is used up: wait, raise it there, or name another model as roles.mayor.';
    case 'PlannerBlocked':
      return 'Put the epic in other words, or name a model of your own hosts as roles.mayor, then launch it again.';
    case 'ContextOverflow':
      return 'Shorten the epic or split it into several, or name a model with a larger context as roles.mayor.';
    case 'ReplyEndless':
      return 'Raise roles.mayor.timeout in gastown.yaml or split the epic, then launch it again.';
    case 'NotAModelServer':
      return 'Correct roles.mayor.baseUrl in gastown.yaml: the address of the API without a path such as /v1.';
    default:
      return 'The call is repeated. If it stays so, look at the network of the machine that the town runs on and at roles.mayor.baseUrl.';
  }
};

const providerName = (provider: CloudMayor['provider']): string =>
  provider === 'gemini' ? 'the Gemini API' : 'the server at roles.mayor.baseUrl';
