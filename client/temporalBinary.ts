import { ensureTemporal } from '../deploy/setup/temporal.mjs';

/** Path of a `temporal` command line. The set-up that started us may have found it already; else we look ourselves. */
export const temporalBinary = async (): Promise<string> =>
  process.env['GASTOWN_TEMPORAL_CLI'] ?? (await ensureTemporal());
