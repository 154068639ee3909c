import { stat } from 'node:fs/promises';
import { clockText, wallClock } from '../../workflows/domain/clock.ts';
import { isPoor, isWell } from '../../workflows/domain/finding.ts';
import { recordPath } from '../town/record.ts';
import { type Diagnosis, isConfigured, type Patient } from './patient.ts';

const check = 'clock';

/** A minute matters to nobody; more moves `--until`, quiet hours and the day of the budget. */
const farMs = 60_000;

/**
 * Whether the clock of this machine is right, as far as others tell: the `Date` of model servers and of a mayor elsewhere,
 * and files of the town that seem to come from the future.
 */
export async function* checkClock(patient: Patient): AsyncGenerator<Diagnosis> {
  if (!isConfigured(patient)) return;
  const { config, home } = patient;
  const fix = 'Set the clock, best by NTP: timedatectl set-ntp true (then see: timedatectl status)';
  const written = await stat(recordPath(home)).catch(() => undefined);
  if (written !== undefined && written.mtimeMs - Date.now() > farMs) {
    const evidence = `${recordPath(home)} was written at ${written.mtime.toISOString()}; this machine says ${now()}`;
    yield isPoor(check, { what: 'The clock has gone back since the town was last open.', evidence, fix });
  }
  const mayor = config.mayor?.kind === 'cloud' ? config.mayor.baseUrl : undefined;
  const urls = new Set([...config.hosts.map(({ url }) => url), ...(mayor === undefined ? [] : [mayor])]);
  // Loopback too: it may be the end of a tunnel.
  const others = (await Promise.all([...urls].map(offsetOf))).filter((one) => one !== undefined);
  const far = others.filter(({ ms }) => Math.abs(ms) > farMs);
  if (far.length > 0) {
    // One server alone may be the one that is wrong.
    const what =
      far.length > others.length / 2 && others.length > 1
        ? 'The clock of this machine is off.'
        : 'The clocks of this machine and of a host differ.';
    const evidence = far
      .map(({ url, ms }) => `${url} is ${seconds(ms)} ${ms > 0 ? 'ahead' : 'behind'}`)
      .join('\n');
    yield isPoor(check, { what, evidence: `${evidence}; this machine says ${now()}`, fix });
    return;
  }
  const agreed =
    others.length === 0
      ? 'nobody else to compare with'
      : `agrees with ${others.map(({ url }) => url).join(', ')}`;
  const there = clockText(wallClock(config.timeZone)(Date.now()));
  yield isWell(check, `${there} in ${config.timeZone}, the time zone of the town`, agreed);
}

/** How far another machine is ahead, ms; undefined when it does not say. */
const offsetOf = async (url: string): Promise<{ url: string; ms: number } | undefined> => {
  const begun = Date.now();
  const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(3_000) }).catch(
    () => undefined,
  );
  await answer?.body?.cancel();
  const said = Date.parse(answer?.headers.get('date') ?? '');
  // Its seconds are whole ones, and it answered somewhere between.
  return Number.isNaN(said) ? undefined : { url, ms: said + 500 - (begun + Date.now()) / 2 };
};

const seconds = (ms: number): string => `${Math.round(Math.abs(ms) / 1_000)} s`;
const now = (): string => new Date().toISOString();
