import { join } from 'node:path';
import { type BeadRef, beadKey } from '../workflows/domain/naming.ts';

/** Where things are under a town's home. Nothing else joins these paths. */
export interface Home {
  readonly root: string;
  readonly blobs: string;
  readonly repo: (rig: string) => string;
  readonly worktree: (rig: string, bead: BeadRef) => string;
  readonly slot: (rig: string, slot: number) => string;
  readonly caches: (rig: string) => string;
  /** Green gate results by (gate hash, tree). */
  readonly greens: (rig: string) => string;
  /** What the map of a repository knows of its blobs. */
  readonly outlines: (rig: string) => string;
  readonly transcript: (bead: BeadRef) => string;
  /** How the bead's own gates went, run by run. */
  readonly gateRecords: (bead: BeadRef) => string;
  /** What a bead's model writes and its gates say at this moment. */
  readonly live: (bead: BeadRef) => string;
  /** What a bead that makes a report has written, for people to read. */
  readonly report: (bead: BeadRef) => string;
  /** How well a model keeps to the forms of replies. */
  readonly forms: (model: string) => string;
  /** What became of a host's models. */
  readonly fleet: (host: string) => string;
  /** Receipts of what a person was told. */
  readonly notices: string;
  /** HOME and TMPDIR of sandboxed commands, one folder a run. */
  readonly scratch: string;
}

export const homeAt = (root: string): Home => {
  const rig = (name: string): string => join(root, 'rigs', name);
  return {
    root,
    blobs: join(root, 'blobs'),
    repo: (name) => join(rig(name), 'repo.git'),
    worktree: (name, bead) => join(rig(name), 'worktrees', beadKey(bead)),
    slot: (name, slot) => join(rig(name), 'slots', String(slot)),
    caches: (name) => join(rig(name), 'caches'),
    greens: (name) => join(rig(name), 'greens'),
    outlines: (name) => join(rig(name), 'outlines'),
    report: (bead) => join(root, 'transcripts', `${beadKey(bead)}.report.md`),
    forms: (model) => join(root, 'forms', model),
    transcript: (bead) => join(root, 'transcripts', `${beadKey(bead)}.jsonl`),
    gateRecords: (bead) => join(root, 'transcripts', `${beadKey(bead)}.gates.jsonl`),
    live: (bead) => join(root, 'live', `${beadKey(bead)}.log`),
    fleet: (host) => join(root, 'fleet', `${host}.jsonl`),
    notices: join(root, 'notices'),
    scratch: join(root, 'scratch'),
  };
};
