import { type Finding, isPoor, isWell } from '../../workflows/domain/finding.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import { chooseRung, detectedSandbox } from '../sandbox/index.ts';
import { failedBy } from './failed.ts';

/** Which sandbox works on this machine, by real runs, and whether it is enough for the rigs. */
export async function* examineSandbox(rigs: readonly RigSettings[]): AsyncGenerator<Finding> {
  const check = 'sandbox';
  const { rung, failed } = await detectedSandbox();
  const tried = failed.map(({ rung: { tool }, why }) => `${tool}: ${why}`).join('\n');
  const off = rigs.filter(({ sandbox }) => sandbox === 'off');
  if (off.length > 0) {
    yield isPoor(check, {
      what: 'sandbox: off. What models write runs as this user, with this user’s files and network.',
      evidence: `on this machine works: ${rung.isolates}`,
      fix: rung.name === 'none' ? 'Install bubblewrap, then set sandbox: required' : 'Set sandbox: required',
    });
    return;
  }
  try {
    for (const rig of rigs) await chooseRung(rig);
  } catch (error) {
    yield failedBy(check, error);
    return;
  }
  yield rung.name === 'none'
    ? isPoor(check, {
        what: 'No sandbox works here: only the sample rig may run without one.',
        evidence: tried,
        fix: 'Install bubblewrap before you add a rig of your own',
      })
    : isWell(check, rung.isolates, tried);
}
