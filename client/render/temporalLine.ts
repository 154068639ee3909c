import type { TownConfig } from '../../deploy/config/index.ts';
import { oneLine } from '../../workflows/domain/text.ts';

/** Which Temporal server a town uses, and why: an exported TEMPORAL_ADDRESS makes people expect another one. */
export const temporalLine = (
  { file, temporal }: Pick<TownConfig, 'file' | 'temporal'>,
  env: NodeJS.ProcessEnv = process.env,
): string => {
  const { address, namespace } = temporal;
  if (address !== undefined)
    return `Temporal: ${address}, namespace ${namespace}, as temporal.address in ${file} says; TLS and keys as TEMPORAL_* variables and the profile of the temporal command line say.`;
  const exported = env['TEMPORAL_ADDRESS'] ?? '';
  const unused =
    exported === ''
      ? ''
      : ` TEMPORAL_ADDRESS (${oneLine(exported)}) is not used; to use it, set temporal.address.`;
  return `Temporal: a server of the town’s own, since ${file} sets no temporal.address.${unused}`;
};
