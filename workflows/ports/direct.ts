/** What a direct landing (`gt land --direct`) asks of the outside world. */
import type { BeadStanding, DirectGround, DirectOf } from '../domain/queue/direct.ts';

/** The part of the queue `rig.<rig>.<place>`. */
export interface DirectPort {
  /** Finds what is to land, where, and how it stands to the target's present tip. With `look` it writes nothing but what it fetches. */
  openDirect(request: OpenDirect): Promise<OpenedDirect>;
}

/** The part of the queue `town`. */
export interface StandingPort {
  /** How a bead's workflow stands; null: nobody knows of it. */
  beadStanding(bead: string): Promise<BeadStanding | null>;
}

export interface OpenDirect {
  readonly rig: string;
  readonly of: DirectOf;
  /** Where it lands; for a person's branch the rig's own when undefined. */
  readonly target: string | undefined;
  readonly upstream?: string | undefined;
  /** Under which its commits are kept, where it is no bead's branch. */
  readonly name: string;
  /** Of a bead. */
  readonly taskRef?: string;
  readonly title: string | undefined;
  readonly look?: true;
}

export interface OpenedDirect extends DirectGround {
  readonly target: string;
  readonly upstream: string | undefined;
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly commits: number;
  readonly taskRef: string;
  /** The target has it already: by which commit, or '' where it has all of it. */
  readonly landed?: string;
  readonly evidenceRef?: string;
}
