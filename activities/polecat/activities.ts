import type { ModelSettings } from '../../workflows/domain/host/model.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import type { RigPort } from '../../workflows/ports.ts';
import type { Home } from '../home.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { RepositoryMaps } from '../map/index.ts';
import type { Concealer } from '../secrets/concealer.ts';
import { createApplyReply } from './apply.ts';
import { createFormCounts } from './formCounts.ts';
import { createWriteNote } from './note.ts';
import { createComposePrompt } from './prompt.ts';
import { createComposeReview } from './reviewPrompt.ts';
import { createReadReview } from './reviewReply.ts';

export interface PolecatDeps {
  readonly home: Home;
  readonly blobs: Blobs;
  /** By key, as configured. */
  readonly models: ReadonlyMap<string, ModelSettings>;
  /** By name, as configured. */
  readonly rigs: ReadonlyMap<string, RigSettings>;
  readonly concealer?: Concealer;
  /** Shared with whoever else looks at the rigs' files. */
  readonly maps?: RepositoryMaps;
}

/** What a polecat does in its worktree: prompts, replies, notes. */
export const createPolecatActivities = (
  deps: PolecatDeps,
): Pick<RigPort, 'composePrompt' | 'applyReply' | 'writeNote' | 'composeReview' | 'readReview'> => ({
  composePrompt: createComposePrompt(deps),
  applyReply: counted(createApplyReply(deps), deps),
  writeNote: createWriteNote(deps),
  composeReview: createComposeReview(deps),
  readReview: createReadReview(deps),
});

/** Counts how the model kept to the form that it was asked for. A reply that was refused for what it asks kept to it. */
const counted = (apply: RigPort['applyReply'], { home }: PolecatDeps): RigPort['applyReply'] => {
  const forms = createFormCounts(home);
  return async (request) => {
    const result = await apply(request);
    const { form, model, spec } = request;
    // A report is asked for in no form of changes.
    if (form === undefined || result.outcome === 'look' || spec.output === 'report') return result;
    const wellFormed = result.outcome !== 'refused' || result.feedback.kind !== 'malformed';
    // A count that cannot be kept must not cost a reply that was paid for.
    await forms.add(model, form, wellFormed).catch(() => undefined);
    return result;
  };
};
