import type { ConvoyStatus, RefineryStatus } from '../report/report.ts';

/** One command with which a person takes over what landed beside their own branch. */
export interface TakeOver {
  readonly rig: string;
  /** The branch that it landed on. */
  readonly target: string;
  readonly command: string;
}

/**
 * One for each rig and branch, the newest convoy's first. Where the Refinery brings a person's checkout along by itself there is
 * one only while something is in its way. Convoys are to be given newest first.
 */
export const takeOversOf = (
  convoys: readonly ConvoyStatus[],
  refineries: readonly RefineryStatus[],
): readonly TakeOver[] => {
  const followed = refineries.filter(({ upstream }) => upstream !== undefined);
  const places = new Set(followed.map(placeOf));
  const theirs = convoys.flatMap((convoy) =>
    convoy.rigs.flatMap(({ rig, target, takeOver: command }) =>
      command === undefined || places.has(placeOf({ rig, target })) || !hasLandedIn(convoy, rig)
        ? []
        : [{ rig, target, command }],
    ),
  );
  const behind = followed.flatMap(({ rig, target, upstream }) =>
    upstream?.behind === undefined ? [] : [{ rig, target, command: upstream.behind.next }],
  );
  return [
    ...new Map([...behind, ...theirs].toReversed().map((one) => [placeOf(one), one])).values(),
  ].toReversed();
};

/** Before anything has landed there is nothing to take over. */
const hasLandedIn = ({ epics }: ConvoyStatus, rig: string): boolean =>
  epics.some(
    (epic) =>
      epic.rig === rig && epic.beads.some(({ state, commit }) => state === 'landed' && commit !== undefined),
  );

const placeOf = ({ rig, target }: { readonly rig: string; readonly target: string }): string =>
  `${rig} ${target}`;
