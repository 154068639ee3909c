import { type Finding, isIll, isWell } from '../../workflows/domain/finding.ts';
import { probe } from '../probe/probe.ts';
import { TownError } from '../town/trouble.ts';
import { checkClock } from './clock.ts';
import { checkConfiguration } from './configuration.ts';
import { checkDisk } from './disk.ts';
import { checkHome } from './home.ts';
import { checkMayor } from './mayor.ts';
import { checkNeighbours } from './neighbours.ts';
import { checkNotifications } from './notifications.ts';
import { type Check, type Diagnosis, isConfigured, type Patient } from './patient.ts';
import { checkPorts } from './ports.ts';
import { checkPrograms } from './programs.ts';
import { checkTemporal } from './temporal.ts';

export interface Examination {
  /** Whether models generate and gates run: minutes instead of seconds. */
  readonly thorough: boolean;
  /** Whether what is safe to mend is mended. */
  readonly fix: boolean;
}

/** From the machine outwards; what takes long comes last. */
const checks: readonly Check[] = [
  checkPrograms,
  checkConfiguration,
  checkTemporal,
  checkHome,
  checkPorts,
  checkDisk,
  checkClock,
  checkNeighbours,
  checkMayor,
  checkNotifications,
];

/** Looks at everything that a town needs and gives each finding as soon as it is known. What was mended is well. */
export async function* examine(patient: Patient, { thorough, fix }: Examination): AsyncGenerator<Finding> {
  for (const check of checks) {
    for await (const diagnosis of check(patient)) yield fix ? await mended(diagnosis) : findingOf(diagnosis);
  }
  if (!isConfigured(patient)) return;
  const { hosts, models, rigs, timeZone } = patient.config;
  const { home, open: townOpen } = patient;
  try {
    yield* probe({ home, timeZone, hosts, models, rigs, townOpen, thorough });
  } catch (error) {
    if (!(error instanceof TownError)) throw error;
    const { what, evidence, next } = error.trouble;
    yield isIll('probe', { what, evidence, fix: next });
  }
}

const mended = async (diagnosis: Diagnosis): Promise<Finding> => {
  const { mend, ...finding } = diagnosis;
  if (mend === undefined) return finding;
  try {
    return isWell(finding.check, `mended: ${await mend()}`, finding.what);
  } catch (error) {
    const why = error instanceof TownError ? error.trouble.what : String(error);
    return { ...finding, evidence: `${finding.evidence}\n--fix could not mend it: ${why}`.trim() };
  }
};

const findingOf = ({ mend: _, ...finding }: Diagnosis): Finding => finding;
