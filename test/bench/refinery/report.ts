/** What the bench says: one line a policy, and the same as JSON. */
import { type Figure, figureOf, informationBound, meanFigure } from './figures.ts';
import { runLab } from './laboratory.ts';
import { type Knowledge, policies } from './policies.ts';
import type { World } from './world.ts';

export interface PolicyReport extends Figure {
  readonly policy: string;
  readonly timesSerial: number;
  readonly ofInformationBound: number;
  /** CPU time of a plan, ms. */
  readonly planP50Ms: number;
  readonly planMaxMs: number;
}

export interface Report {
  readonly policies: readonly PolicyReport[];
}

/** Runs the chosen policies in all worlds. Figures are means; `warmUp` says from when a queue that fills slowly is measured. */
export const compare = (
  worlds: readonly World[],
  chosen: readonly string[],
  knowledge: Knowledge,
  warmUp: (world: World) => number,
): Report => {
  const measured = (name: string) => {
    const labs = worlds.map((world) => {
      const policy = policies[name]?.(world, knowledge);
      if (policy === undefined) throw new Error(`no policy ${name}`);
      return { lab: runLab(world, policy, { slots: knowledge.slots }), from: warmUp(world) };
    });
    const times = labs.flatMap(({ lab }) => lab.figures.planMs).sort((a, b) => a - b);
    return {
      ...meanFigure(labs.map(({ lab, from }) => figureOf(lab, from))),
      planP50Ms: times[times.length >> 1] ?? 0,
      planMaxMs: times.at(-1) ?? 0,
    };
  };
  const serial = measured('serial');
  const bad = worlds.reduce((sum, { badShare }) => sum + badShare, 0) / Math.max(worlds.length, 1);
  return {
    policies: chosen.map((policy) => {
      const figure = policy === 'serial' ? serial : measured(policy);
      const { landedPerT } = figure;
      return rounded({
        policy,
        ...figure,
        timesSerial: landedPerT / serial.landedPerT,
        ofInformationBound: landedPerT / informationBound(knowledge.slots, bad),
      });
    }),
  };
};

const rounded = (report: PolicyReport): PolicyReport => {
  const figures = Object.entries(report).map(([name, value]) => [
    name,
    typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : value,
  ]);
  return Object.fromEntries(figures) as PolicyReport;
};

const columns: readonly (readonly [keyof PolicyReport, string])[] = [
  ['landedPerT', 'landed/T'],
  ['timesSerial', 'x serial'],
  ['ofInformationBound', 'of bound'],
  ['testsPerLanded', 'tests/landed'],
  ['waitP50', 'wait p50'],
  ['waitP95', 'p95'],
  ['redLandings', 'red'],
  ['falseRejections', 'falsely back'],
  ['left', 'left'],
];

export const reportText = (title: string, { policies: reports }: Report): string =>
  [
    title,
    `  ${''.padEnd(16)}${columns.map(([, name]) => name.padStart(14)).join('')}`,
    ...reports.map(
      (report) =>
        `  ${report.policy.padEnd(16)}${columns.map(([of]) => Number(report[of]).toFixed(2).padStart(14)).join('')}`,
    ),
  ].join('\n');
