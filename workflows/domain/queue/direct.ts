/** A direct landing (`gt land --direct`): what a person asks for in an emergency, and what is looked at before it is done. */
import { counted } from '../amounts.ts';
import type { BeadState } from '../bead/bead.ts';
import type { Failure } from '../failure.ts';
import { oneLine } from '../text.ts';

/** What is landed: a bead's branch, a person's own, or the revert of a landing. */
export type DirectOf =
  | { readonly kind: 'bead'; readonly bead: string }
  | { readonly kind: 'branch'; readonly rig: string; readonly branch: string; readonly name: string }
  | { readonly kind: 'revert'; readonly rig: string; readonly commit: string };

export interface DirectRequest {
  /** Names this request, so that whoever waits for its end knows which one is told of. */
  readonly id: string;
  readonly by: string;
  readonly target?: string;
  readonly title?: string;
  /** A polecat at work and files that are not committed do not stop it. */
  readonly force?: true;
  /** The Overseer's override: without a run of the gates, for this reason. */
  readonly untested?: string;
  /** Only looks. */
  readonly look?: true;
}

export type DirectState =
  | 'checking'
  | 'looked' // it was only to be looked at
  | 'refused' // a check says no
  | 'queued' // in the Refinery
  | 'landed'
  | 'sentBack'
  | 'withdrawn'
  | 'failed';

export const isDirectOver = (state: DirectState): boolean => state !== 'checking' && state !== 'queued';

export interface DirectCheck {
  readonly name: 'polecat' | 'work tree' | 'merge' | 'gates';
  /** `forced`: it says no, and the person said to go on all the same. */
  readonly outcome: 'ok' | 'refused' | 'forced';
  readonly says: string;
  readonly refusal?: Refusal;
}

/** Why it is not done, in three parts. */
export type Refusal = Omit<Failure, 'type'> & { readonly type: string };

export interface DirectStatus {
  /** The request that it is about. */
  readonly id: string;
  /** Requests in whose place it came, newest last. */
  readonly earlier: readonly string[];
  readonly of: DirectOf;
  readonly state: DirectState;
  readonly checks: readonly DirectCheck[];
  readonly rig: string | undefined;
  readonly target: string | undefined;
  readonly upstream: string | undefined;
  readonly title: string | undefined;
  readonly head: string | undefined;
  readonly commits: number;
  readonly untested: string | undefined;
  readonly commit: string | undefined;
  readonly failure: Refusal | undefined;
  /** Blob with the whole evidence. */
  readonly evidenceRef: string | undefined;
}

/** A bead as its workflow tells of it. */
export interface BeadStanding {
  readonly isRunning: boolean;
  readonly state: BeadState;
  readonly title: string;
  readonly polecat: string;
  readonly model: string;
  readonly lands: {
    readonly rig: string;
    readonly target: string;
    readonly upstream?: string;
    readonly taskRef: string;
  };
}

/** How what is to land stands to the target's tip, and the folder in which it was made. */
export interface DirectGround {
  readonly tip: string;
  readonly how: 'fastForward' | 'merge' | 'conflict';
  readonly conflict?: Failure;
  readonly dirty?: { readonly folder: string; readonly paths: readonly string[]; readonly count: number };
}

/** Every check with its result. A conflict is never overridden: there is nothing that could land. */
export const directChecks = (
  of: DirectOf,
  { force, untested, by }: DirectRequest,
  seen: DirectGround & { readonly target: string; readonly bead?: BeadStanding },
): readonly DirectCheck[] => [
  forcing(force, polecatCheck(of, seen.bead)),
  forcing(force, treeCheck(of, seen.dirty)),
  mergeCheck(seen),
  gatesCheck(by, untested),
];

/** Why it is not done: the first check that says no. */
export const refusalOf = (checks: readonly DirectCheck[]): Refusal | undefined =>
  checks.find(({ outcome }) => outcome === 'refused')?.refusal;

const forcing = (force: true | undefined, check: DirectCheck): DirectCheck =>
  force === true && check.outcome === 'refused' ? { ...check, outcome: 'forced' } : check;

/** As a person names it. */
export const directName = (of: DirectOf): string => {
  if (of.kind === 'bead') return of.bead;
  return oneLine(of.kind === 'branch' ? of.branch : `the revert of ${of.commit.slice(0, 12)}`, 200);
};

/** Its polecat touches nothing any more: it waits for the queue, for a person, or has ended. */
const isAtRest = ({ isRunning, state }: BeadStanding): boolean =>
  !isRunning || state === 'parked' || state === 'queued';

const polecatCheck = (of: DirectOf, bead: BeadStanding | undefined): DirectCheck => {
  const name = 'polecat';
  if (bead === undefined) return { name, outcome: 'ok', says: 'no polecat works on it' };
  if (isAtRest(bead)) return { name, outcome: 'ok', says: `no polecat is at work on it: ${stateText(bead)}` };
  const said = `${oneLine(bead.polecat) || 'its polecat'} is at work on it (${bead.state})`;
  return {
    ...{ name, outcome: 'refused', says: said },
    refusal: {
      type: 'PolecatAtWork',
      what: `${directName(of)} is not landed: ${said}.`,
      evidence: `bead/${directName(of)}: ${bead.state}`,
      next: `Stop it: \`gt stop ${directName(of)}\`, and land it when it is parked; --force lands what is on its branch now.`,
    },
  };
};

const stateText = ({ state }: BeadStanding): string =>
  state === 'queued' ? 'it waits in the merge queue, where this goes before it' : `it is ${state}`;

const treeCheck = (of: DirectOf, dirty: DirectGround['dirty']): DirectCheck => {
  const name = 'work tree';
  if (dirty === undefined) return { name, outcome: 'ok', says: 'nothing is left that is not committed' };
  const says = `${counted(dirty.count, 'file')} not committed in ${oneLine(dirty.folder, 300)}`;
  return {
    ...{ name, outcome: 'refused', says },
    refusal: {
      type: 'WorktreeDirty',
      what: `${directName(of)} is not landed: its work tree has ${counted(dirty.count, 'file')} that no commit holds.`,
      evidence: [oneLine(dirty.folder, 300), ...dirty.paths.map((path) => `  ${oneLine(path, 200)}`)].join(
        '\n',
      ),
      next: 'Commit them there, or put them away; --force lands the commits without them.',
    },
  };
};

const mergeCheck = ({
  how,
  conflict,
  tip,
  target,
}: DirectGround & { readonly target: string }): DirectCheck => {
  const onto = `${oneLine(target)} at ${tip.slice(0, 12)}`;
  const name = 'merge';
  if (how === 'fastForward') return { name, outcome: 'ok', says: `goes forward from ${onto}` };
  if (how === 'merge') return { name, outcome: 'ok', says: `merges cleanly with ${onto}` };
  return {
    ...{ name, outcome: 'refused', says: `does not merge with ${onto}` },
    ...(conflict === undefined ? {} : { refusal: conflict }),
  };
};

const gatesCheck = (by: string, untested: string | undefined): DirectCheck => ({
  ...{ name: 'gates', outcome: untested === undefined ? 'ok' : 'forced' },
  says:
    untested === undefined
      ? 'all of them run on it, alone and before anything else lands'
      : `none runs, by the word of ${oneLine(by)}: ${oneLine(untested, 300)}`,
});

/** What is done when no check says no, a line each. */
export const directSteps = (
  { untested }: Pick<DirectStatus, 'untested'>,
  { rig, target, upstream }: Pick<DirectStatus, 'rig' | 'target' | 'upstream'>,
): readonly string[] => {
  const onto = oneLine(target ?? 'the target');
  return [
    ...(untested === undefined
      ? [
          `It goes into the merge queue of ${rig} ${onto} as a hotfix: tested in a slot of its own, nothing lands before its test has ended.`,
        ]
      : [
          `It lands on ${onto} as it merges, without a test; the commit says so (Gates-Skipped).`,
          'Nothing else lands until the new tip has passed all gates. If it fails twice, the queue stops and you are told how to take it back.',
        ]),
    ...(upstream === undefined ? [] : [`${oneLine(upstream)} follows where nothing of yours is in the way.`]),
  ];
};
