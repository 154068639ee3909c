import type { MetricMeter } from '@temporalio/common';
import type { Usage } from '../../workflows/domain/host/model.ts';
import {
  type CounterKey,
  type GaugeKey,
  type HistogramKey,
  type LabelsOf,
  type MetricKey,
  metrics,
} from './metrics.ts';

/**
 * Where activities count what they did, for whoever watches the town. Only activities count: a workflow is replayed. And
 * each counts where its effect is new, so that a repeat of an ensure operation counts nothing.
 */
export interface Counts {
  add<Key extends CounterKey>(key: Key, labels: LabelsOf<Key>, value?: number): void;
  /** In seconds. */
  observe<Key extends HistogramKey>(key: Key, labels: LabelsOf<Key>, seconds: number): void;
  set<Key extends GaugeKey>(key: Key, labels: LabelsOf<Key>, value: number): void;
}

/** Where nobody watches. */
export const uncounted: Counts = { add: () => {}, observe: () => {}, set: () => {} };

/** Counts on a meter of Temporal's SDK. What cannot be counted must not end what was done. */
export const createCounts = (meter: MetricMeter): Counts => {
  const made = <T>(kind: string, make: (name: string, help: string) => T): ReadonlyMap<MetricKey, T> =>
    new Map(
      Object.entries(metrics)
        .filter(([, metric]) => metric.kind === kind)
        .map(([key, { name, help }]) => [key as MetricKey, make(name, help)]),
    );
  // The exporter adds the suffix, to the SDK's own counters as well.
  const counters = made('counter', (name, help) =>
    meter.createCounter(name.replace(/_total$/, ''), '', help),
  );
  const histograms = made('histogram', (name, help) => meter.createHistogram(name, 'float', '', help));
  const gauges = made('gauge', (name, help) => meter.createGauge(name, 'float', '', help));
  return {
    add: (key, labels, value = 1) => counters.get(key)?.add(whole(value), labels),
    observe: (key, labels, seconds) => histograms.get(key)?.record(positive(seconds), labels),
    set: (key, labels, value) => gauges.get(key)?.set(positive(value), labels),
  };
};

/** A clock that was set back, or a server's odd number, would be an error of the meter. */
const positive = (value: number): number => (Number.isFinite(value) && value > 0 ? value : 0);

const whole = (value: number): number => Math.round(positive(value));

/** Counts what a call has cost (G7). */
export const countTokens = (
  counts: Counts,
  model: string,
  { promptTokens, completionTokens }: Pick<Usage, 'promptTokens' | 'completionTokens'>,
): void => {
  counts.add('tokens', { model, kind: 'prompt' }, promptTokens);
  counts.add('tokens', { model, kind: 'completion' }, completionTokens);
};

/** Counts whether a reply came within the latency target of its tier. Tiers without a target count nothing. */
export const countLatency = (
  counts: Counts,
  tier: string,
  targetMs: number | undefined,
  tookMs: number,
): void => {
  if (targetMs === undefined) return;
  const isKept = tookMs <= targetMs;
  // Both, so that the share is known from the first one on.
  counts.add('targetsKept', { tier }, isKept ? 1 : 0);
  counts.add('targetsMissed', { tier }, isKept ? 0 : 1);
};
