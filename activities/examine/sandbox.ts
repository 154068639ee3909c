import { type Finding, isPoor, isWell } from '../../workflows/domain/finding.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import { availableControllers, chooseRung, detectedSandbox, type Rung } from '../sandbox/index.ts';
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
    : isWell(check, rung.isolates, [tried, betterRung(rung)].filter(Boolean).join('\n'));
  if (rung.name === 'none') return;
  yield await limitsHeld(rung);
}

/** Both keep the same promises; this one starts sooner. */
const betterRung = ({ name }: Rung): string =>
  name === 'unshare'
    ? 'bubblewrap, where it is installed and works, starts its commands a little sooner'
    : '';

/** Which limits hold for a command as a whole, and which only for each of its processes. */
const limitsHeld = async (rung: Rung): Promise<Finding> => {
  const check = 'sandbox limits';
  const controllers = await availableControllers();
  const names = { memory: 'memory', cpu: 'processor time', pids: 'processes' } as const;
  const held = controllers.map((controller) => names[controller]).join(', ');
  const always = 'time, output, size of a file, open files';
  const missing = (['memory', 'cpu', 'pids'] as const).filter((one) => !controllers.includes(one));
  if (missing.length === 0) return isWell(check, `by control group: ${held}; besides: ${always}`);
  const lacking = missing.map((one) => names[one]).join(', ');
  const what = `No control group limits ${lacking} of a whole command${held === '' ? '' : ` (it does ${held})`}; besides: ${always}.`;
  const evidence = 'memory then is limited for each process by itself, and processor time by nothing';
  if (rung.name === 'sandbox-exec') return isWell(check, what, evidence);
  const fix =
    process.getuid?.() === 0
      ? 'Run the town where /sys/fs/cgroup can be written (docker run --cgroupns=private with a writable cgroup mount, or on the machine itself)'
      : 'Start the town in a group of your own: systemd-run --user --scope gt up';
  return isPoor(check, { what, evidence, fix });
};
