import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { millionths } from '../../workflows/domain/budget/money.ts';
import { isSlug } from '../../workflows/domain/naming.ts';
import type { TownConfig } from '../config/townConfig.ts';
import { checkShape } from '../input/checkShape.ts';
import { InputRejected, inFileOrder } from '../input/rejected.ts';
import { slugFrom } from '../input/slug.ts';
import { parseYaml, readYaml, type YamlSource } from '../input/yamlSource.ts';
import { checkPlan } from './check.ts';
import type { Plan, PlannedBead, PlannedEpic } from './plan.ts';
import { type BeadInFile, type EpicInFile, type PlanFile, planSchema } from './schema.ts';

export interface LoadPlan {
  /** For a plan that adds to a running epic: the beads it has, which new ones may need and whose ids are taken. */
  readonly epicHas?: readonly string[];
}

/** Reads a plan and checks it against the town. Throws `InputRejected` with every mistake in it. */
export const loadPlan = async (file: string, config: TownConfig, options: LoadPlan = {}): Promise<Plan> =>
  toPlan(await readYaml(resolve(file), 'plan'), config, options);

/** The same for a text in hand. */
export const parsePlan = (text: string, file: string, config: TownConfig, options: LoadPlan = {}): Plan =>
  toPlan(parseYaml(text, resolve(file), 'plan'), config, options);

/** sha256 of what a plan says, whatever its file's name, order of keys and comments. */
export const planHash = (plan: Plan): string => {
  const { file: _, ...said } = plan;
  // What an epic may spend is not what it is about: with more of it the same plan is launched again.
  const epics = said.epics.map(({ budget: _budget, ...epic }) => epic);
  return createHash('sha256')
    .update(canonical({ ...said, epics }))
    .digest('hex');
};

const toPlan = (source: YamlSource, config: TownConfig, { epicHas }: LoadPlan): Plan => {
  const { value, faults } = checkShape(planSchema, source);
  const convoy = value?.convoy ?? slugOf(source.file);
  const all = [...faults, ...checkPlan(source, config, epicHas)];
  if (value !== undefined && convoy === '') {
    all.push(
      source.fault([], 'no name for the convoy can be made of the name of this file', 'Add convoy: <name>'),
    );
  }
  if (value === undefined || all.length > 0) throw new InputRejected(inFileOrder(all));
  const rig = value.rig ?? config.rigs[0]?.name ?? '';
  return { file: source.file, convoy, title: value.title ?? convoy, epics: epicsOf(value, convoy, rig) };
};

const epicsOf = (written: PlanFile, convoy: string, rig: string): PlannedEpic[] => {
  const { beads, epics, epic, title } = written;
  if (epics === undefined) {
    const id = epic ?? convoy;
    return [{ id, title: title ?? id, rig, needs: [], beads: (beads ?? []).map(plannedBead) }];
  }
  return epics.map((each) => ({
    id: each.id,
    title: each.title ?? each.id,
    rig: each.rig ?? rig,
    needs: unique(each.needs),
    beads: each.beads.map(plannedBead),
    ...budgetOf(each.budget),
  }));
};

/** Nothing where nothing is written, so that the hash of such a plan stays what it was. */
const budgetOf = (written: EpicInFile['budget']): Pick<PlannedEpic, 'budget'> => {
  const { tokens, money } = written ?? {};
  if (tokens === undefined && money === undefined) return {};
  return {
    budget: {
      ...(tokens === undefined ? {} : { tokens }),
      ...(money === undefined ? {} : { money: millionths(money) }),
    },
  };
};

const plannedBead = (bead: BeadInFile): PlannedBead => ({
  id: bead.id,
  title: bead.title.trim(),
  task: bead.task.trimEnd(),
  needs: unique(bead.needs),
  files: unique(bead.files),
  tier: bead.tier,
  gates: unique(bead.gates),
  approvedFiles: unique(bead.approvedFiles),
  ...(bead.output === 'report' ? { output: bead.output, sections: unique(bead.sections) } : {}),
  ...needsOf(bead),
});

/** What it asks of models and tries; nothing where nothing is written, so that the hash of such a plan stays what it was. */
const needsOf = ({ model, fallback, context, estimate, attempts, optional }: BeadInFile) => ({
  ...(model === undefined ? {} : { models: unique([model, ...fallback]) }),
  ...(context === undefined ? {} : { context }),
  ...(estimate === undefined ? {} : { estimateMs: estimate }),
  ...(attempts === undefined ? {} : { attempts }),
  ...(optional ? { optional: true as const } : {}),
});

const unique = (items: readonly string[]): string[] => [...new Set(items)];

/** The name that a file gives to a convoy: `My plan.gt.yaml` → `my-plan`; empty when none can be made of it. */
export const slugOf = (file: string): string => {
  const name = slugFrom(basename(file).split('.')[0] ?? '');
  return isSlug(name) ? name : '';
};

/** JSON with the keys of every map sorted. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
