/** A fleet in virtual time: what hosts, gates and calls do, whoever decides. All times are ms. */

import type { FleetModel } from '../../../workflows/domain/fleet/fleet.ts';
import { swapMs } from '../../../workflows/domain/fleet/swapCost.ts';
import { sameSet } from '../../../workflows/domain/sameSet.ts';
import type { Work, WorkHost, WorkStage } from './work.ts';

export interface VirtualCall {
  readonly stage: WorkStage;
  /** Its number in the stage. */
  readonly index: number;
  readonly model: string;
  readonly callMs: number;
  readonly readyAt: number;
}

export interface VirtualHost extends WorkHost {
  readonly at: number;
  resident: readonly string[];
  since: number;
  running: { readonly call: VirtualCall; readonly by: string; readonly since: number }[];
  /** A change under way; `begun` once all that goes has drained. */
  change: { readonly to: readonly string[]; begun: boolean; endsAt: number } | undefined;
  swaps: number;
}

export type Standing =
  | { readonly state: 'coming' }
  | { readonly state: 'ended' }
  | { readonly state: 'ready' | 'running' | 'gap'; readonly index: number; readonly at: number };

export interface VirtualFleet {
  readonly work: Work;
  readonly models: ReadonlyMap<string, FleetModel>;
  readonly hosts: readonly VirtualHost[];
  now: number;
  /** Counts the moments at which something happened. */
  moment: number;
  /** Calls that wait. */
  readonly waiting: VirtualCall[];
  readonly standing: Map<string, Standing>;
}

/** Somebody who decides: which call a host with a free slot takes next, and what it is to hold. */
export interface Policy {
  readonly name: string;
  arrive?(call: VirtualCall, fleet: VirtualFleet): void;
  /** A waiting call that a gate of the host lets in, and the resident model that serves it. */
  pick(
    host: VirtualHost,
    fleet: VirtualFleet,
  ): { readonly call: VirtualCall; readonly by: string } | undefined;
  /** What the host is to hold instead; undefined: as it is. */
  change(host: VirtualHost, fleet: VirtualFleet): readonly string[] | undefined;
  /** When it wants to be asked again although nothing happens. */
  againAt?(fleet: VirtualFleet): number | undefined;
}

export interface Outcome {
  readonly policy: string;
  readonly makespanMs: number;
  readonly swaps: number;
}

/** What a host still has open: during a change what stays. */
export const openOn = ({ resident, change }: VirtualHost): readonly string[] =>
  change === undefined ? resident : resident.filter((model) => change.to.includes(model));

/** Runs all work under a policy. `see` is told of every moment after its decisions. */
export const runFleet = (work: Work, policy: Policy, see?: (fleet: VirtualFleet) => void): Outcome => {
  const fleet = fleetOf(work);
  const events: { readonly at: number; readonly order: number; readonly happen: () => void }[] = [];
  let order = 0;
  const later = (ms: number, happen: () => void): void => {
    events.push({ at: fleet.now + ms, order: order++, happen });
  };
  const waitingFor = new Map(work.stages.map(({ id, needs }) => [id, needs.length]));
  let open = work.stages.length;

  const ready = (stage: WorkStage, index: number): void => {
    const call = stage.calls[index];
    if (call === undefined) return;
    if (stage.model === undefined) {
      fleet.standing.set(stage.id, { state: 'running', index, at: fleet.now });
      later(call.callMs, () => ended(stage, index));
      return;
    }
    const waits = { stage, index, model: stage.model, callMs: call.callMs, readyAt: fleet.now };
    fleet.standing.set(stage.id, { state: 'ready', index, at: fleet.now });
    fleet.waiting.push(waits);
    policy.arrive?.(waits, fleet);
  };
  const ended = (stage: WorkStage, index: number): void => {
    const next = stage.calls[index + 1];
    if (next !== undefined) {
      fleet.standing.set(stage.id, { state: 'gap', index: index + 1, at: fleet.now + next.gapMs });
      later(next.gapMs, () => ready(stage, index + 1));
      return;
    }
    fleet.standing.set(stage.id, { state: 'ended' });
    open--;
    for (const after of work.stages) {
      if (!after.needs.includes(stage.id)) continue;
      const left = (waitingFor.get(after.id) ?? 0) - 1;
      waitingFor.set(after.id, left);
      if (left === 0) ready(after, 0);
    }
  };
  const start = (host: VirtualHost, call: VirtualCall, by: string): void => {
    fleet.waiting.splice(fleet.waiting.indexOf(call), 1);
    const run = { call, by, since: fleet.now };
    host.running.push(run);
    fleet.standing.set(call.stage.id, { state: 'running', index: call.index, at: fleet.now });
    later(call.callMs, () => {
      host.running.splice(host.running.indexOf(run), 1);
      ended(call.stage, call.index);
    });
  };
  const beginChange = (host: VirtualHost): void => {
    const { change } = host;
    if (change === undefined || change.begun) return;
    if (host.running.some(({ by }) => !change.to.includes(by))) return;
    const named = (keys: readonly string[]) => keys.map((key) => fleet.models.get(key) as FleetModel);
    change.begun = true;
    const ms = swapMs(named(host.resident), named(change.to));
    change.endsAt = fleet.now + ms;
    later(ms, () => {
      host.resident = change.to;
      host.since = fleet.now;
      host.change = undefined;
    });
  };
  const decide = (): void => {
    for (let again = true; again; ) {
      again = false;
      for (const host of fleet.hosts) {
        while (host.running.length < host.slots) {
          const picked = policy.pick(host, fleet);
          if (picked === undefined) break;
          start(host, picked.call, picked.by);
          again = true;
        }
      }
      for (const host of fleet.hosts) {
        const to = host.change === undefined ? policy.change(host, fleet) : undefined;
        if (to !== undefined && !sameSet(to, host.resident)) {
          host.change = { to, begun: false, endsAt: 0 };
          host.swaps++;
          again = true;
        }
        beginChange(host);
      }
    }
    see?.(fleet);
    const wake = policy.againAt?.(fleet);
    if (wake !== undefined && wake > fleet.now) later(wake - fleet.now, () => undefined);
  };

  for (const stage of work.stages) if (stage.needs.length === 0) ready(stage, 0);
  decide();
  while (open > 0) {
    events.sort((a, b) => b.at - a.at || b.order - a.order);
    const first = events.at(-1);
    if (first === undefined) throw new Error(`${policy.name}: nothing happens any more at ${fleet.now} ms`);
    fleet.now = first.at;
    fleet.moment++;
    if (fleet.moment > 200_000) throw new Error(`${policy.name}: no end in sight at ${fleet.now} ms`);
    while ((events.at(-1)?.at ?? Infinity) <= fleet.now + 1e-6) events.pop()?.happen();
    if (open > 0) decide();
  }
  const swaps = fleet.hosts.reduce((sum, host) => sum + host.swaps, 0);
  return { policy: policy.name, makespanMs: fleet.now, swaps };
};

const fleetOf = (work: Work): VirtualFleet => ({
  work,
  models: new Map(work.models.map((model) => [model.key, model])),
  hosts: work.hosts.map((host, at) => ({
    ...{ ...host, at, resident: host.initial, since: 0, running: [] },
    ...{ change: undefined, swaps: 0 },
  })),
  now: 0,
  moment: 0,
  waiting: [],
  standing: new Map(work.stages.map(({ id }) => [id, { state: 'coming' }])),
});
