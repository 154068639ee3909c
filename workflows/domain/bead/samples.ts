/** Best of several: the same prompt asked more than once at a time, and the gates choose (G3). */

/** Replies to one prompt that were not tried yet; each is applied to the head that the prompt showed. */
export interface Spares {
  readonly head: string;
  readonly replyRefs: readonly string[];
  /** One of them was red already: if the last cannot even be gated, that was the failed try. */
  readonly red?: true;
}

/** Failed tries after which a bead counts as hard. */
export const triesBeforeHard = 2;

/** How many replies to ask for: one, until the bead has failed often enough. Whether there are idle slots, the host knows. */
export const samplesFor = ({
  most,
  failures,
}: {
  readonly most: number;
  readonly failures: number;
}): number => (failures < triesBeforeHard ? 1 : Math.max(1, most));
