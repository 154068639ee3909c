import type { ModelSettings } from '../../workflows/domain/model.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import type { RigPort } from '../../workflows/ports.ts';
import type { Home } from '../home.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { Concealer } from '../secrets/concealer.ts';
import { createApplyReply } from './apply.ts';
import { createWriteNote } from './note.ts';
import { createComposePrompt } from './prompt.ts';

export interface PolecatDeps {
  readonly home: Home;
  readonly blobs: Blobs;
  /** By key, as configured. */
  readonly models: ReadonlyMap<string, ModelSettings>;
  /** By name, as configured. */
  readonly rigs: ReadonlyMap<string, RigSettings>;
  readonly concealer?: Concealer;
}

/** What a polecat does in its worktree: prompts, replies, notes. */
export const createPolecatActivities = (
  deps: PolecatDeps,
): Pick<RigPort, 'composePrompt' | 'applyReply' | 'writeNote'> => ({
  composePrompt: createComposePrompt(deps),
  applyReply: createApplyReply(deps),
  writeNote: createWriteNote(deps),
});
