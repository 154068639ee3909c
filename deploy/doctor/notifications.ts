import { isPoor, isWell } from '../../workflows/domain/finding.ts';
import { type Diagnosis, isConfigured, type Patient } from './patient.ts';

/** Whether anybody is told when a convoy ends at night, and can be. */
export async function* checkNotifications(patient: Patient): AsyncGenerator<Diagnosis> {
  if (!isConfigured(patient)) return;
  const check = 'notify';
  const { command, webhookEnv } = patient.config.notify;
  const url = webhookEnv === undefined ? undefined : (patient.env[webhookEnv] ?? '');
  if (url !== undefined && URL.parse(url) === null) {
    yield isPoor(check, {
      what: `The environment variable ${webhookEnv} ${url === '' ? 'is not set' : 'holds no URL'}: nobody will be told by it.`,
      evidence: `notify.webhookEnv in ${patient.config.file}`,
      fix: `export ${webhookEnv}=https://… in the shell that runs gt up; an open town: gt down, then gt up`,
    });
    return;
  }
  const ways = [...(command === undefined ? [] : ['a command']), ...(url === undefined ? [] : ['a webhook'])];
  yield isWell(
    check,
    ways.length === 0 ? 'nobody is told; `gt report` shows it all' : `by ${ways.join(' and ')}`,
  );
}
