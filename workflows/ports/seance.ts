/** What a seance asks of the queue `town`, whose worker has the home with the transcripts. */
import type { BeadRef } from '../domain/naming.ts';
import type { ComposedPrompt } from './rig.ts';

export interface SeancePort {
  /** Writes the prompt of a question: the last conversation of the bead, as much of it as the model's context holds. */
  composeSeance(request: ComposeSeance): Promise<ComposedPrompt & { readonly replyTokens: number }>;
}

export interface ComposeSeance {
  readonly ref: BeadRef;
  readonly questionRef: string;
  /** Key of the model. */
  readonly model: string;
}
