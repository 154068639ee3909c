/** What an epic's board means to the fleet, and what of it changed. */
import type { BeadState } from '../bead/bead.ts';
import { isSettled } from '../bead/bead.ts';
import { ladderOf } from '../bead/ladder.ts';
import type { ConvoySettings } from '../convoy.ts';
import type { Board, BoardBead } from '../epicBoard.ts';
import { beadKey } from '../naming.ts';
import type { BeadReport, BeadStep, EpicReport } from './beadReport.ts';

interface Told {
  readonly convoy: string;
  readonly epic: string;
  readonly settings: Pick<ConvoySettings, 'ladders' | 'craft' | 'routes'>;
}

/** Beads that still need models: not settled, and not parked, which nobody works on until a person says so. */
export const beadsOfEpic = (
  board: Board,
  { convoy, epic, settings }: Told,
): Map<string, Omit<BeadReport, 'since'>> => {
  const key = (bead: string): string => beadKey({ convoy, epic, bead });
  const found = new Map<string, Omit<BeadReport, 'since'>>();
  for (const [id, one] of board) {
    if (isSettled(one.state as BeadState) || one.state === 'parked') continue;
    const steps = stepsOf(one, settings);
    if (steps.length === 0) continue;
    const needs = one.spec.needs.filter((need) => board.get(need)?.state !== 'landed').map(key);
    found.set(key(id), {
      bead: key(id),
      state: one.state === 'working' ? 'working' : 'coming',
      needs,
      steps,
    });
  }
  return found;
};

const stepsOf = (one: BoardBead, { ladders, craft, routes }: Told['settings']): readonly BeadStep[] => {
  const { spec, model } = one;
  const ladder = ladderOf(spec, { ladders });
  const routed = spec.ladder === undefined ? (routes?.[spec.tier ?? 'default'] ?? []) : [];
  const rungs = routed.length < 2 ? ladder : routed;
  const open = model === '' && rungs === routed;
  const candidates = open ? { candidates: rungs.map((each) => each.model) } : {};
  const first = model === '' ? rungs[0] : { model };
  if (first === undefined) return [];
  const estimate = spec.estimateMs === undefined ? {} : { estimateMs: spec.estimateMs };
  const later = rungs.slice(rungs.findIndex((rung) => rung.model === first.model) + 1);
  const climbs = later.length === 0 ? {} : { climbs: later.map((rung) => rung.model) };
  const code: BeadStep = { kind: 'code', model: first.model, ...candidates, ...climbs, ...estimate };
  const reviewer = spec.output === 'report' ? undefined : craft?.review?.reviewer.model;
  return reviewer === undefined ? [code] : [code, { kind: 'review', model: reviewer }];
};

/** Characters of one message: a whole epic with long names would be longer than a message may be. */
const longestPart = 60_000;

/** What to tell: beads that are new or otherwise than told, and those that are gone. */
export const changedBeads = (
  epic: string,
  told: ReadonlyMap<string, BeadReport> | undefined,
  now: ReadonlyMap<string, BeadReport>,
): readonly EpicReport[] => {
  const text = (one: BeadReport | undefined): string =>
    one === undefined ? '' : JSON.stringify({ ...one, since: 0 });
  const beads = [...now.values()].filter((one) => text(one) !== text(told?.get(one.bead)));
  const gone = [...(told?.keys() ?? [])].filter((bead) => !now.has(bead));
  if (beads.length === 0 && gone.length === 0 && told !== undefined) return [];
  return inParts(beads, JSON.stringify(gone).length).map((part, index) => ({
    epic,
    ...(told === undefined && index === 0 ? { whole: true as const } : {}),
    beads: part,
    gone: index === 0 ? gone : [],
  }));
};

/** At least one part; the first has so many characters less. */
const inParts = (beads: readonly BeadReport[], taken: number): readonly (readonly BeadReport[])[] => {
  const parts: BeadReport[][] = [[]];
  let length = taken;
  for (const bead of beads) {
    const more = JSON.stringify(bead).length;
    if (length > 0 && length + more > longestPart) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(bead);
    length += more;
  }
  return parts;
};
