import type { CallRole } from '../host/callRole.ts';

/** What an epic tells the fleet of a bead that is not settled: the work with models that it still stands for. */
export interface BeadReport {
  /** `<convoy>/<epic>/<bead>` */
  readonly bead: string;
  readonly state: 'coming' | 'working';
  /** Epoch ms: since when it is so. */
  readonly since: number;
  /** Beads that must land first, by key. */
  readonly needs: readonly string[];
  /** In order: who writes, who reviews. */
  readonly steps: readonly BeadStep[];
}

export interface BeadStep {
  readonly kind: StepKind;
  readonly model: string;
  /** Where it is not yet decided who works on it: all that would do, smallest first. What is resident then is taken. */
  readonly candidates?: readonly string[];
  /** Who works on it when its model does not get it done, in order. */
  readonly climbs?: readonly string[];
  /** How long its calls take together by the plan's word, ms. */
  readonly estimateMs?: number;
}

export type StepKind = 'code' | 'review';

/** The step that a call belongs to: notes are a polecat's own. */
export const kindOf = ({ role }: { readonly role: CallRole }): StepKind =>
  role === 'reviewer' ? 'review' : 'code';

/** What changed of an epic's beads since it told the fleet last. */
export interface EpicReport {
  /** `<convoy>/<epic>` */
  readonly epic: string;
  /** Everything: what was told before is forgotten. */
  readonly whole?: true;
  readonly beads: readonly BeadReport[];
  /** Settled since. */
  readonly gone: readonly string[];
}

/** The id of a stretch of work in plans of the fleet. */
export const stageId = (bead: string, kind: StepKind): string => `${bead}:${kind}`;
