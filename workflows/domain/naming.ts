/** Names that people and Temporal see: slugs, workflow ids, queues, branches, refs. The only place that spells them. */

const slugPattern = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** Whether a name can be a convoy, epic, bead, rig, host or model key: `[a-z0-9][a-z0-9-]{0,39}`. */
export const isSlug = (name: string): boolean => slugPattern.test(name);

export const slugForm = 'a-z, 0-9 and -, starting with a letter or digit, at most 40 characters';

/** Where worktrees live. `home` until there are outposts. */
export type Place = string;
export const home: Place = 'home';

export interface BeadRef {
  readonly convoy: string;
  readonly epic: string;
  readonly bead: string;
}

/** `<convoy>/<epic>/<bead>`: the name of a bead in trailers, paths and messages. */
export const beadKey = (ref: BeadRef): string => `${ref.convoy}/${ref.epic}/${ref.bead}`;

/** Reads `<convoy>/<epic>/<bead>` back; undefined for anything else. */
export const parseBeadKey = (key: string): BeadRef | undefined => {
  const [convoy, epic, bead, ...rest] = key.split('/');
  if (convoy === undefined || epic === undefined || bead === undefined || rest.length > 0) return;
  return [convoy, epic, bead].every(isSlug) ? { convoy, epic, bead } : undefined;
};

export const workflowId = {
  town: 'town',
  convoy: (convoy: string): string => `convoy/${convoy}`,
  epic: (convoy: string, epic: string): string => `epic/${convoy}/${epic}`,
  bead: (ref: BeadRef): string => `bead/${beadKey(ref)}`,
  refinery: (rig: string, branch: string): string => `refinery/${rig}/${branch}`,
  host: (host: string): string => `host/${host}`,
  fleet: 'fleet',
  submission: (rig: string, name: string): string => `submission/${rig}/${name}`,
  /** By the key of a bead, or `<rig>/<name>` of a person's branch. */
  direct: (key: string): string => `direct/${key}`,
  /** The same with --dry-run: it may be asked for while the other lands. */
  directLook: (key: string): string => `direct-look/${key}`,
  plan: (convoy: string): string => `plan/${convoy}`,
  /** Of the Schedule, too; the runs that it starts have the time appended. */
  witness: (rig: string): string => `witness/${rig}`,
  replan: (ref: BeadRef): string => `replan/${beadKey(ref)}`,
  seance: (ref: BeadRef, number: number): string => `seance/${beadKey(ref)}/${number}`,
} as const;

export const taskQueue = {
  /** Workflow tasks, and activities that need no place. */
  town: 'town',
  /** Worktrees, prompts, applying replies: many slots. */
  rig: (rig: string, place: Place): string => `rig.${rig}.${place}`,
  /** The polecats' own gate runs. */
  gate: (rig: string, place: Place): string => `gate.${rig}.${place}`,
  /** Composing groups and testing them in clean slots. */
  refinery: (rig: string): string => `refinery.${rig}`,
  /** One slot: whatever moves the target branch. */
  land: (rig: string): string => `land.${rig}`,
  /** Inference, pulled by every host on which the model is resident. */
  llm: (model: string): string => `llm.${model}`,
  /** The lease `tendHost`. */
  host: (host: string): string => `host.${host}`,
  /** Plans of the fleet, followed by whoever holds the lease. */
  residency: (host: string): string => `residency.${host}`,
} as const;

/** A bead's branch. A hand-over to another polecat moves nothing: the polecat is a trailer. */
export const beadBranch = (ref: BeadRef): string => `gt/${beadKey(ref)}`;

export const gitRef = {
  bead: (ref: BeadRef): string => `refs/heads/${beadBranch(ref)}`,
  /** The target commit that a bead's branch was made on. */
  base: (ref: BeadRef): string => `refs/gt/base/${beadKey(ref)}`,
  /** The convoy's first base and the hash of its plan. */
  convoy: (convoy: string): string => `refs/gt/convoy/${convoy}`,
  /** Work of a bead that is no longer on its branch (before a rebase, or cancelled), kept for people. */
  kept: (ref: BeadRef, name: string): string => `refs/gt/kept/${beadKey(ref)}/${name}`,
  /** The group under test, so that gc leaves it alone. */
  group: (group: string): string => `refs/gt/group/${group}`,
  /** Receipts: the landed commit of a bead. Hints only: trailers and ancestry are the truth (G4). */
  landed: (ref: BeadRef): string => `refs/gt/landed/${beadKey(ref)}`,
  /** A person's own branch while it is in the Refinery. */
  submission: (name: string): string => `refs/gt/submit/${name}`,
  /** The tip of the target branch as the town last knew it. */
  target: (branch: string): string => `refs/gt/target/${branch}`,
} as const;

export const trailer = {
  bead: 'Bead',
  epic: 'Epic',
  convoy: 'Convoy',
  task: 'Bead-Task',
  head: 'Bead-Head',
  polecat: 'Polecat',
  model: 'Model',
  gates: 'Gate-Hash',
  group: 'Group',
  skipped: 'Gates-Skipped',
  plan: 'Plan',
  formatted: 'Formatted-By',
} as const;

/** The town's own branch for a target that it may not move itself. */
export const townBranch = (target: string): string => `gastown/${target}`;

/** Search attributes, all of type Keyword. */
export const searchAttributes = ['GtConvoy', 'GtEpic', 'GtBead', 'GtRig', 'GtRole', 'GtState'] as const;
