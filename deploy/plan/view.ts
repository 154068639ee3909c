import { criticalPath, waveOf, waves } from '../../workflows/domain/plan/graph.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { planHash } from './load.ts';
import type { Plan } from './plan.ts';

/** What `--dry-run` shows of a plan; plain data for `--json`. */
export interface PlanView {
  readonly convoy: string;
  readonly title: string;
  readonly planHash: string;
  readonly beads: number;
  readonly epics: readonly EpicView[];
}

export interface EpicView {
  readonly epic: string;
  readonly title: string;
  readonly rig: string;
  readonly needs: readonly string[];
  readonly waves: readonly (readonly string[])[];
  /** The longest chain of beads: the epic takes at least as many landings one after another. */
  readonly criticalPath: readonly string[];
  readonly beads: readonly {
    readonly bead: string;
    readonly title: string;
    /** From 0. */
    readonly wave: number;
    readonly needs: readonly string[];
    readonly files: readonly string[];
    readonly tier: string | undefined;
    readonly gates: readonly string[];
  }[];
}

export const planView = (plan: Plan): PlanView => ({
  convoy: plan.convoy,
  title: plan.title,
  planHash: planHash(plan),
  beads: plan.epics.reduce((sum, { beads }) => sum + beads.length, 0),
  epics: plan.epics.map((epic) => {
    const depth = waveOf(epic.beads);
    return {
      epic: epic.id,
      title: epic.title,
      rig: epic.rig,
      needs: epic.needs,
      waves: waves(epic.beads),
      criticalPath: criticalPath(epic.beads).ids,
      beads: epic.beads.map((bead) => ({
        bead: bead.id,
        title: bead.title,
        wave: depth.get(bead.id) ?? 0,
        needs: bead.needs,
        files: bead.files,
        tier: bead.tier,
        gates: bead.gates,
      })),
    };
  }),
});

/** The same for a terminal. */
export const planText = (view: PlanView): string => {
  const head = `Convoy ${view.convoy}: ${oneLine(view.title)} (${count(view.beads, 'bead')}, plan ${view.planHash.slice(0, 12)})`;
  return [head, ...view.epics.flatMap(epicLines)].join('\n');
};

const epicLines = (epic: EpicView): string[] => {
  const width = Math.max(...epic.beads.map(({ bead }) => bead.length));
  const after = epic.needs.length === 0 ? '' : `, after ${epic.needs.join(', ')}`;
  return [
    '',
    `Epic ${epic.epic}: ${oneLine(epic.title)} (rig ${epic.rig}${after})`,
    ...epic.waves.flatMap((wave, index) => [
      `  Wave ${index + 1}`,
      ...epic.beads
        .filter(({ bead }) => wave.includes(bead))
        .map(({ bead, title, needs }) => {
          const behind = needs.length === 0 ? '' : `  ← ${needs.join(', ')}`;
          return `    ${bead.padEnd(width)}  ${oneLine(title, 60)}${behind}`;
        }),
    ]),
    `  Critical path (${count(epic.criticalPath.length, 'landing')}): ${epic.criticalPath.join(' → ')}`,
  ];
};

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
