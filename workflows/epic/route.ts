import { ladderOf } from '../domain/bead/ladder.ts';
import type { ModelStep } from '../domain/convoy.ts';
import type { BoardBead } from '../domain/epicBoard.ts';
import { townActivities } from '../proxies.ts';
import type { EpicDesk } from './desk.ts';

/** The models that work on a bead: where several would do, the fleet is asked which of them is resident. */
export const ladderFor = async (
  { input: { settings } }: EpicDesk,
  { spec }: BoardBead,
): Promise<readonly ModelStep[]> => {
  const candidates = spec.ladder === undefined ? settings.routes?.[spec.tier ?? 'default'] : undefined;
  if (candidates === undefined || candidates.length < 2) return ladderOf(spec, settings);
  return townActivities(settings.pace).routeBead(candidates);
};
