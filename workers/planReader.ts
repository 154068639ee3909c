import type { PlanReader } from '../activities/mayor/index.ts';
import type { TownConfig } from '../deploy/config/index.ts';
import { faultText, InputRejected } from '../deploy/input/rejected.ts';
import { compilePlan, type Plan, parsePlan, planHash } from '../deploy/plan/index.ts';
import { untilStillToCome } from '../workflows/domain/convoy.ts';

/** Plans of a mayor are read by the very rules by which a person's are. */
export const createPlanReader = (config: TownConfig): PlanReader => ({
  read(text, file) {
    try {
      const plan = parsePlan(text, file, config);
      return {
        planHash: planHash(plan),
        title: plan.title,
        beads: plan.epics.flatMap(({ beads }) => beads),
        rigs: [...new Set(plan.epics.map(({ rig }) => rig))],
      };
    } catch (error) {
      if (!(error instanceof InputRejected)) throw error;
      // The path of a file that is not there helps neither a model nor a person.
      return { faults: error.faults.map((fault) => faultText({ ...fault, file, line: undefined })) };
    }
  },

  async compile(text, { convoy, settings, putBlob }) {
    const plan: Plan = parsePlan(text, `${convoy}.yaml`, config);
    const input = await compilePlan(plan, config, { putBlob, convoy, maxParallel: settings.maxParallel });
    // What was pinned at launch holds, whatever the configuration says by now; only time does not stand still.
    const { until } = settings;
    if (until === undefined) return { ...input, settings };
    const toCome = untilStillToCome(until, config.timeZone, Date.now());
    return { ...input, settings: { ...settings, until: toCome } };
  },
});
