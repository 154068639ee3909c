/** Which models work on a bead, in the order in which they are asked. */
import type { ConvoySettings, ModelStep } from '../convoy.ts';
import type { BeadSpec, Caps } from './bead.ts';

/** The bead's own models where its plan names some, else those of its tier. */
export const ladderOf = (
  { ladder, tier }: Pick<BeadSpec, 'ladder' | 'tier'>,
  { ladders }: Pick<ConvoySettings, 'ladders'>,
): readonly ModelStep[] => ladder ?? ladders[tier ?? 'default'] ?? ladders['default'] ?? [];

/** What a bead may spend: what its plan says of its tries counts before what is usual. */
export const capsOf = ({ attempts }: Pick<BeadSpec, 'attempts'>, usual: Caps): Caps =>
  attempts === undefined ? usual : { ...usual, attempts };
