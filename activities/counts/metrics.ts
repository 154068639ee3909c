/** Every metric of the town: its name, its labels, what it says. The only place with these names. */

interface Metric<Kind extends string, Label extends string> {
  readonly kind: Kind;
  readonly name: string;
  readonly labels: readonly Label[];
  readonly help: string;
}

const metric =
  <Kind extends string>(kind: Kind) =>
  <const Label extends string>(
    name: string,
    labels: readonly Label[],
    help: string,
  ): Metric<Kind, Label> => ({ kind, name, labels, help });

const counter = metric('counter');
const histogram = metric('histogram');
const gauge = metric('gauge');

/** Labels are names from the configuration or words of ours, so that their number is bounded. */
export const metrics = {
  beadsStarted: counter('gastown_beads_started_total', ['rig'], 'Beads that got a branch of their own.'),
  beadsLanded: counter('gastown_beads_landed_total', ['rig'], 'Beads that are done.'),
  beadsBlocked: counter(
    'gastown_beads_blocked_total',
    ['rig', 'reason'],
    'Beads that ended blocked, by the type of the failure.',
  ),
  beadsCancelled: counter('gastown_beads_cancelled_total', ['rig'], 'Beads that were cancelled.'),
  landings: counter('gastown_landings_total', ['rig'], 'Times that the town moved a target branch.'),
  landingWaitSeconds: histogram(
    'gastown_landing_wait_seconds',
    ['rig'],
    'From when a branch came into the merge queue until it landed.',
  ),
  refineryTests: counter(
    'gastown_refinery_tests_total',
    ['rig', 'result'],
    'Tests of groups in the Refinery: passed, failed, known (the same tree had passed), cancelled (could no longer help).',
  ),
  sentBack: counter(
    'gastown_sent_back_total',
    ['rig'],
    'Times that the Refinery sent a bead back to its polecat.',
  ),
  gateSeconds: histogram(
    'gastown_gate_seconds',
    ['rig', 'gate', 'result'],
    'Runs of gates, of polecats and of the Refinery, by how they ended: passed or failed.',
  ),
  turns: counter('gastown_turns_total', ['model'], 'Replies to polecats.'),
  tokens: counter(
    'gastown_tokens_total',
    ['model', 'kind'],
    'Tokens of all calls, failed ones too: prompt or completion.',
  ),
  calls: counter(
    'gastown_calls_total',
    ['host', 'model', 'outcome'],
    'Calls that reached a host, by how they ended: stop, length, cancelled, or the type of the failure.',
  ),
  callsRefused: counter(
    'gastown_calls_refused_total',
    ['host', 'model', 'reason'],
    'Calls that the gate sent back before they reached the host, by the type of the failure.',
  ),
  callSeconds: histogram(
    'gastown_call_seconds',
    ['host', 'model'],
    'How long calls held a slot; the sum is the slots’ busy time.',
  ),
  waitSeconds: histogram(
    'gastown_call_wait_seconds',
    ['model'],
    'From when a call was wanted until a slot of a host had it.',
  ),
  slots: gauge('gastown_slots', ['host'], 'Calls that a host takes at once; 0 while nobody tends it.'),
  slotsBusy: gauge('gastown_slot_busy_ratio', ['host'], 'Share of a host’s slots that are busy now.'),
  modelOpen: gauge('gastown_model_open', ['host', 'model'], '1 while the gate of a model is open.'),
  loadSeconds: histogram(
    'gastown_model_load_seconds',
    ['host', 'model'],
    'Until a model was resident and proven, what had to go before it included.',
  ),
  loadFailures: counter(
    'gastown_model_load_failures_total',
    ['host', 'model', 'reason'],
    'Models that could not be made ready, by the type of the failure.',
  ),
  swaps: counter('gastown_swaps_total', ['host'], 'Times that one model took the place of another.'),
  swapSeconds: histogram(
    'gastown_swap_seconds',
    ['host'],
    'How long swaps took: unloading, loading and proving, without the calls that drained before.',
  ),
  targetsKept: counter(
    'gastown_latency_targets_kept_total',
    ['tier'],
    'Replies that came within the latency target of their tier, from the queue to the last token.',
  ),
  targetsMissed: counter(
    'gastown_latency_targets_missed_total',
    ['tier'],
    'Replies that came later than the latency target of their tier.',
  ),
} as const;

export type MetricKey = keyof typeof metrics;

type OfKind<Kind extends string> = {
  [Key in MetricKey]: (typeof metrics)[Key]['kind'] extends Kind ? Key : never;
}[MetricKey];
export type CounterKey = OfKind<'counter'>;
export type HistogramKey = OfKind<'histogram'>;
export type GaugeKey = OfKind<'gauge'>;

/** The labels that a metric wants, no more and no less. */
export type LabelsOf<Key extends MetricKey> = Readonly<
  Record<(typeof metrics)[Key]['labels'][number], string>
>;

const work = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800];
const waiting = [10, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200];
const loading = [0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 120, 300];

const special: ReadonlyMap<string, number[]> = new Map([
  ['loadSeconds', loading],
  ['swapSeconds', loading],
  ['landingWaitSeconds', waiting],
]);

/** Upper bounds of the histograms' buckets in seconds, by name. */
export const buckets: Readonly<Record<string, number[]>> = Object.fromEntries(
  Object.entries(metrics)
    .filter(([, { kind }]) => kind === 'histogram')
    .map(([key, { name }]) => [name, special.get(key) ?? work]),
);
