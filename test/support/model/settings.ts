import { ApplicationFailure } from '@temporalio/common';
import { expect } from 'vitest';
import { type AdapterOptions, createAdapter } from '../../../activities/models/adapters/adapter.ts';
import type { FailureType } from '../../../workflows/domain/failure.ts';
import type { HostKind, HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';

/** A host as a test configures it. */
export const hostAt = (url: string, kind: HostKind, over: Partial<HostSettings> = {}): HostSettings => ({
  ...{ name: 'desk', kind, url, slots: 2, coresident: false, apiKeyEnv: undefined, quiet: [] },
  ...over,
});

/** A model as a test configures it; its key is its name. */
export const modelNamed = (name: string, over: Partial<ModelSettings> = {}): ModelSettings => ({
  ...{ key: name, name, context: 4_096, maxTokens: 500, temperature: 0, tier: 'default', hosts: ['desk'] },
  ...{ firstTokenMs: 20_000, idleMs: 20_000, callTimeoutMs: 60_000 },
  ...over,
});

/** An adapter that looks often. */
export const adapterAt = (
  url: string,
  kind: HostKind,
  over: Partial<HostSettings> = {},
  options: AdapterOptions = {},
) =>
  createAdapter(hostAt(url, kind, over), undefined, {
    ...options,
    patience: { pollMs: 5, pollMaxMs: 20, againMs: 200, ...options.patience },
  });

export const never = new AbortController().signal;

/** The failure that a work ends with, which must be of this type. */
export const failsAs = async (work: Promise<unknown>, type: FailureType): Promise<string> => {
  const error = await work.then(
    (value) => new Error(`it did not fail: ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApplicationFailure)) throw error;
  expect({ type: error.type, message: error.message }).toMatchObject({ type });
  // What happened, the evidence, what to do next.
  expect(error.message.split('\n').length).toBeGreaterThanOrEqual(3);
  return error.message;
};
