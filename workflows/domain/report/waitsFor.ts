import type { BeadLine, EpicStatus } from './report.ts';

/**
 * What a bead waits for that has not started, for people: what it needs comes first, then what holds its whole epic (a pause, the
 * budget, the disk), then a slot. Undefined for one that is about to start, or does not wait.
 */
export const waitsForText = (
  { state, needs }: BeadLine,
  { beads, paused, maxParallel }: Pick<EpicStatus, 'beads' | 'paused' | 'maxParallel'>,
): string | undefined => {
  if (state !== 'pending') return;
  const missing = beads.filter((one) => needs.includes(one.bead) && one.state !== 'landed');
  if (missing.length > 0) return `${missing.map(({ bead }) => bead).join(', ')} to land`;
  if (paused !== undefined) return paused;
  const atWork = beads.filter((one) => one.state === 'working').length;
  return atWork < maxParallel ? undefined : `a slot: ${atWork} of ${maxParallel} beads are at work`;
};
