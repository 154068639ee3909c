import { stat } from 'node:fs/promises';
import { isIll, isPoor, isWell } from '../../workflows/domain/finding.ts';
import { faultText } from '../input/rejected.ts';
import { type Diagnosis, isConfigured, type Patient } from './patient.ts';

const check = 'configuration';

/** Whether there is a configuration, sound, and the one that the open town works with. */
export async function* checkConfiguration(patient: Patient): AsyncGenerator<Diagnosis> {
  for (const fault of patient.faults)
    yield isIll(check, {
      what:
        fault.line === undefined ? 'The configuration cannot be read.' : 'The configuration has a mistake.',
      evidence: faultText(fault),
      fix: 'Correct it; docs/configuration.md has every key. A key of another version of the town: gt --version',
    });
  if (!isConfigured(patient)) {
    if (patient.faults.length === 0)
      yield isIll(check, {
        what: 'There is no town here: no gastown.yaml in this folder or above it.',
        evidence: `looked from ${process.cwd()} upwards`,
        fix: 'gt init',
      });
    return;
  }
  const { config, record, open } = patient;
  const { hosts, models, rigs } = config;
  yield isWell(check, `hosts: ${hosts.length}, models: ${models.length}, rigs: ${rigs.length}`, config.file);
  for (const warning of config.warnings)
    yield isPoor(check, { what: warning, evidence: config.file, fix: 'Change it there, or live with it' });
  if (open && record !== undefined && (await changedSince(config.file, record.startedAt)))
    yield isPoor(check, {
      what: 'It was changed after the town was opened, which still works with the old one.',
      evidence: `${config.file} is newer than ${record.startedAt}`,
      fix: 'gt down && gt up --detach',
    });
}

const changedSince = async (file: string, startedAt: string): Promise<boolean> => {
  const { mtimeMs } = await stat(file);
  return mtimeMs > Date.parse(startedAt);
};
