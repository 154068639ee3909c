import type { CallOwner } from '../proxies.ts';
import type { BeadInput } from './input.ts';

/** Whose steps these are. */
export const ownerOf = ({ rig, place, ref, urgency }: BeadInput): CallOwner => ({
  ...{ rig, place, urgency },
  convoy: ref.convoy,
});
