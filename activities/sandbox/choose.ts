import type { RigSettings } from '../../workflows/domain/rig.ts';
import { fail } from '../failure.ts';
import { type Detected, detectedSandbox } from './detect.ts';
import { bareRung, type Rung } from './rung.ts';

/**
 * The rung that a rig's commands run in: the best that works here. None is allowed where the configuration says
 * `sandbox: off`, and for the town's own sample rig. Throws `SandboxUnavailable` where it is not.
 */
export const chooseRung = async (
  rig: Pick<RigSettings, 'name' | 'sandbox'>,
  detect: () => Promise<Detected> = detectedSandbox,
): Promise<Rung> => {
  if (rig.sandbox === 'off') return bareRung;
  const { rung, failed } = await detect();
  if (rung.name !== 'none' || rig.sandbox === 'sample') return rung;
  throw fail('SandboxUnavailable', {
    what: `No sandbox works on this machine, so the gates of rig "${rig.name}" are not run.`,
    evidence:
      failed.length === 0
        ? `platform ${process.platform}: none of bwrap (bubblewrap), unshare (util-linux) and sandbox-exec (macOS) was found on PATH`
        : failed.map(({ rung: tried, why }) => `${tried.tool}: ${why}`).join('\n'),
    next: `${installHint()}; then start the town again with: gt up. Or set "sandbox: off" for this rig in gastown.yaml, which lets its commands see your files and network.`,
  });
};

/** How to get a rung, by platform. */
export const installHint = (): string =>
  process.platform === 'linux'
    ? 'Install bubblewrap: apt-get install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora), apk add bubblewrap (Alpine), pacman -S bubblewrap (Arch); in a container, allow user namespaces (docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined); on Ubuntu 24.04 and newer: sysctl kernel.apparmor_restrict_unprivileged_userns=0'
    : 'Run the town on Linux (a virtual machine or WSL2), where bubblewrap or unshare works';
