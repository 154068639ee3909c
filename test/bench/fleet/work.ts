import type { FleetModel } from '../../../workflows/domain/fleet/fleet.ts';
import type { Scenario } from './scenario.ts';

/** A call, and the pause before it. Times are ms. */
export interface WorkCall {
  readonly gapMs: number;
  readonly callMs: number;
}

/** Some calls of one model, one after the other. */
export interface WorkStage {
  readonly id: string;
  /** Undefined: it runs elsewhere, without a host. */
  readonly model: string | undefined;
  readonly calls: readonly WorkCall[];
  /** What a planner is told of the length of its calls. */
  readonly expectedCallMs: number;
  /** Whether that is exactly what they take. */
  readonly certain: boolean;
  readonly needs: readonly string[];
}

export interface WorkHost {
  readonly host: string;
  readonly slots: number;
  readonly memory: number | undefined;
  readonly coresident?: boolean;
  readonly serves: readonly string[];
  readonly initial: readonly string[];
}

/** A fleet and its work, as every bench and bound takes it. */
export interface Work {
  readonly models: readonly FleetModel[];
  readonly hosts: readonly WorkHost[];
  readonly stages: readonly WorkStage[];
  readonly maxWaitMs: number;
}

const minuteMs = 60_000;
const gigabyte = 1e9;

/** The work of a scenario, whose lengths everybody knows. */
export const workOf = ({ models, hosts, agents, maxWaitMinutes }: Scenario): Work => ({
  models: models.map(({ key, weights, context, gigabytes, loadSeconds, unloadSeconds }) => ({
    ...{ key, weights, context, bytes: gigabytes === undefined ? undefined : gigabytes * gigabyte },
    ...{ loadMs: loadSeconds * 1_000, unloadMs: unloadSeconds * 1_000 },
  })),
  hosts: hosts.map(({ memoryGigabytes, ...host }) => ({
    ...host,
    memory: memoryGigabytes === undefined ? undefined : memoryGigabytes * gigabyte,
  })),
  stages: agents.map(({ id, model, minutes, calls, pauseSeconds, needs }) => ({
    ...{ id, model, needs },
    calls: Array.from({ length: calls }, (_, index) => ({
      gapMs: index === 0 ? 0 : pauseSeconds * 1_000,
      callMs: (minutes * minuteMs) / calls,
    })),
    expectedCallMs: (minutes * minuteMs) / calls,
    certain: true,
  })),
  maxWaitMs: maxWaitMinutes * minuteMs,
});
