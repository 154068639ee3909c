import type { HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';
import type { Driver } from './driver.ts';

/** What is in memory and nobody's of the town, as far as it is within what the host keeps for others. */
export const strangers = async (
  driver: Driver,
  own: readonly ModelSettings[],
  host: HostSettings,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> => {
  if (host.reserveBytes === undefined || own.length === 0) return new Set();
  // A model of ours that the host does not have is nobody's in its memory.
  const ours = await Promise.all(own.map((one) => driver.identify(one, signal).catch(() => one.name)));
  const theirs = (await driver.resident(signal)).filter(({ id }) => !ours.includes(id));
  let left = host.reserveBytes;
  const spared = theirs.filter(({ bytes: { value } }) => {
    if (value === undefined || value > left) return false;
    left -= value;
    return true;
  });
  return new Set(spared.map(({ id }) => id));
};
