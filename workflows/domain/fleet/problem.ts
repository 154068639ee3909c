/** What the fleet knows, in the form that is simulated some hundred times a decision: numbers for names, arrays for records. */
import type { FleetHost, FleetModel, FleetState, Stage } from './fleet.ts';
import { type Residencies, type Residency, residenciesOf } from './residency.ts';
import { type StageGraph, stageGraph } from './stageGraph.ts';

export interface ProblemHost {
  readonly seen: FleetHost;
  readonly residencies: Residencies;
  readonly resident: Residency;
  /** What it changes to, and when that is done when nothing drains any more. */
  readonly change: { readonly to: Residency; readonly endsAt: number } | undefined;
  /** What it holds cannot change: by a person's word, or because it holds all that it serves. */
  readonly fixed: boolean;
}

/** Where a stage stands in the beginning. */
export type Standing = 'coming' | 'ready' | 'running' | 'gap' | 'never';

export interface ProblemStage {
  readonly seen: Stage | undefined;
  readonly model: number;
  readonly standing: Standing;
  /** Since when a call waits or runs; when the next one is due. */
  readonly at: number;
  /** The host that a call of it runs on; -1 for none. */
  readonly host: number;
}

export interface Problem extends StageGraph {
  readonly now: number;
  readonly models: readonly FleetModel[];
  readonly hosts: readonly ProblemHost[];
  readonly stages: readonly ProblemStage[];
  /** By host and model: how long calls take there, as a share of their mean. */
  readonly pace: Float64Array;
}

export const problemOf = (state: FleetState): Problem => {
  const { now, models } = state;
  const modelAt = new Map(models.map(({ key }, index) => [key, index]));
  const hosts = state.hosts.filter(({ away }) => away !== true).map((host) => hostOf(host, models, modelAt));
  const runs = new Map<string, { readonly host: number; readonly since: number }>();
  const strangers: { readonly host: number; readonly model: number; readonly since: number }[] = [];
  const known = new Set(state.stages.map(({ id }) => id));
  hosts.forEach(({ seen }, host) => {
    for (const { stage, model, since } of seen.running) {
      if (stage !== undefined && known.has(stage) && !runs.has(stage)) runs.set(stage, { host, since });
      else strangers.push({ host, model: modelAt.get(model) ?? -1, since });
    }
  });
  const servable = models.map((_, model) =>
    hosts.some(({ seen, residencies }) => seen.drained !== true && residencies.canServe(model)),
  );
  const own = state.stages.map((stage): ProblemStage => {
    const model = modelAt.get(stage.model) ?? -1;
    const run = runs.get(stage.id);
    if (run !== undefined) {
      return { seen: stage, model, standing: 'running', at: run.since, host: run.host };
    }
    if (model >= 0 && servable[model] !== true)
      return { seen: stage, model, standing: 'never', at: now, host: -1 };
    // One that runs on no host that we see, since reports cross, comes back as any other.
    const standing = stage.state;
    return {
      seen: stage,
      model,
      standing,
      at: standing === 'gap' ? dueAt(stage.at, now) : stage.at,
      host: -1,
    };
  });
  const others = strangers.map(
    ({ host, model, since }): ProblemStage => ({
      seen: undefined,
      model,
      standing: 'running',
      at: since,
      host,
    }),
  );
  const stages = [...own, ...others];
  const modelOf = Int16Array.from(stages, ({ model }) => model);
  const pace = Float64Array.from(hosts.flatMap(({ seen }) => models.map(({ key }) => seen.pace?.[key] ?? 1)));
  return { now, models, hosts, stages, pace, ...stageGraph(state.stages, modelOf, models.length) };
};

/** What a call of a stage takes at the mean on a host; -1 for one that is none of ours. */
export const meanMsOn = ({ callMs, modelOf, models, pace }: Problem, stage: number, host: number): number => {
  const model = modelOf[stage] as number;
  const share = host < 0 || model < 0 ? 1 : (pace[host * models.length + model] as number);
  return (callMs[stage] as number) * share;
};

/** A pause that lasts longer than it was expected to is taken to last that much longer again. */
export const dueAt = (at: number, now: number): number => (at > now ? at : now + (now - at) + 1_000);

const hostOf = (
  seen: FleetHost,
  models: readonly FleetModel[],
  modelAt: Map<string, number>,
): ProblemHost => {
  const residencies = residenciesOf(seen, models);
  const numbers = (keys: readonly string[]): number[] => keys.flatMap((key) => modelAt.get(key) ?? []);
  const { swap } = seen;
  // While it drains its gates are closed already; what still runs tells what is to be unloaded.
  const drains = swap === undefined ? [] : seen.running.map(({ model }) => model);
  return {
    seen,
    residencies,
    resident: residencies.of(numbers([...seen.resident, ...drains])),
    change: swap && { to: residencies.of(numbers(swap.to)), endsAt: swap.endsAt },
    fixed: seen.drained === true || seen.coresident,
  };
};
