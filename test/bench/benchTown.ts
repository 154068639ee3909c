import { join } from 'node:path';
import { launchConvoy } from '../../client/launchConvoy.ts';
import { loadConfig } from '../../deploy/config/index.ts';
import { loadPlan } from '../../deploy/plan/index.ts';
import { openTown } from '../../deploy/town/openTown.ts';
import type { StopSignals } from '../../deploy/town/stopSignals.ts';

/**
 * A town of its own for a bench, as `folder` with its gastown.yaml and plan.yaml describes it: open and ready, with a Temporal server
 * that nobody else uses. `launch` starts the plan. Close it with `town.stop()`.
 */
export const openBenchTown = async (folder: string, signals: StopSignals) => {
  const loaded = await loadConfig(join(folder, 'gastown.yaml'));
  // Never somebody's cluster.
  const config = { ...loaded, temporal: { ...loaded.temporal, address: undefined } };
  const town = await openTown({
    config,
    temporalCli: process.env['GASTOWN_TEMPORAL_CLI'],
    ui: false,
    drain: signals.drain,
    kill: signals.kill,
  });
  try {
    await Promise.race([town.ready, town.exited]);
  } catch (error) {
    await town.stop();
    throw error;
  }
  const launch = async () => {
    const plan = await loadPlan(join(folder, 'plan.yaml'), config);
    return await launchConvoy({ client: town.client, config, plan });
  };
  return { town, config, launch };
};
