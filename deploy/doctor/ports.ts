import { isIll, isPoor, isWell } from '../../workflows/domain/finding.ts';
import { freePort, loopback } from '../server/ports.ts';
import { portOf } from '../town/keepServer.ts';
import { type Diagnosis, isConfigured, type Patient } from './patient.ts';

const check = 'ports';

/** Whether a server of the town's own gets a port, and those that it had. */
export async function* checkPorts(patient: Patient): AsyncGenerator<Diagnosis> {
  if (!isConfigured(patient) || patient.config.temporal.address !== undefined) return;
  const { record, open } = patient;
  if (open) {
    yield isWell(
      check,
      `Temporal ${record?.address}${record?.uiUrl === undefined ? '' : `, Web UI ${record.uiUrl}`}`,
    );
    return;
  }
  try {
    const wanted = [portOf(record?.address), portOf(record?.uiUrl)].filter((port) => port !== undefined);
    const taken: number[] = [];
    for (const port of wanted) if ((await freePort(port)) !== port) taken.push(port);
    yield taken.length === 0
      ? isWell(check, wanted.length === 0 ? `${loopback} has free ones` : `free: ${wanted.join(', ')}`)
      : isPoor(check, {
          what: `The town had port ${taken.join(' and ')}, which another program has now. It takes another one; bookmarks change.`,
          evidence: `listening on ${loopback}: port ${taken.join(', ')} is in use`,
          fix: `Nothing needs to be done. To see who it is: ss -ltnp 'sport = :${taken[0]}'`,
        });
    if (wanted.length === 0) await freePort();
  } catch (error) {
    yield isIll(check, {
      what: `No port of ${loopback} can be listened on.`,
      evidence: error instanceof Error ? error.message : String(error),
      fix: 'Bring the loopback interface up, and let this user listen on ports from 15000 on',
    });
  }
}
