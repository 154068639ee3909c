import type { BeadSpec, Caps } from '../domain/bead/bead.ts';
import type { BeadLife } from '../domain/bead/beadLife.ts';
import type { Craft, ModelStep } from '../domain/convoy.ts';
import type { BeadRef, Place } from '../domain/naming.ts';
import type { Pace } from '../domain/pace.ts';
import type { Handoff } from '../messages.ts';
import type { BeadReport } from '../ports.ts';

/** The input of the workflow `bead`. */
export interface BeadInput {
  readonly ref: BeadRef;
  readonly spec: BeadSpec;
  readonly rig: string;
  readonly target: string;
  readonly upstream: string | undefined;
  readonly place: Place;
  readonly polecat: string;
  readonly ladder: readonly ModelStep[];
  readonly caps: Caps;
  readonly pace: Pace;
  readonly searchAttributes: boolean;
  /** Whether it is looked at for circles. Undefined in histories of before there were such rules, which replay without. */
  readonly watched?: boolean;
  /** What it does beside turns and gates; undefined in histories of before, which replay without. */
  readonly craft?: Craft;
  /** Priority of its calls, 1 to 5: the first ones hold up the most. */
  readonly urgency?: number;
  /** What the beads that it needs have reported. */
  readonly reports?: readonly BeadReport[];
  /** What a parked bead took with it. */
  readonly parked?: boolean;
  readonly handoff?: Handoff | undefined;
  /** It came while the bead was still about to park. */
  readonly resume?: { readonly raise?: Partial<Caps> } | undefined;
  readonly carried?: { readonly life: BeadLife; readonly bornAt: number };
}
