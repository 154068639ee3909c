import { randomBytes } from 'node:crypto';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Ailing, isIll, isPoor, isWell } from '../../workflows/domain/finding.ts';
import { type Diagnosis, isConfigured, type Patient } from './patient.ts';

const check = 'disk';

/** A worktree of a usual repository has thousands of files. */
const fewFiles = 50_000;

/** Whether the town's folder can be written, and has room. */
export async function* checkDisk(patient: Patient): AsyncGenerator<Diagnosis> {
  if (!isConfigured(patient)) return;
  const { home, config } = patient;
  const { minFreeBytes } = config.limits;
  const place = await nearest(home);
  const fault = await writeFault(place);
  if (fault !== undefined) {
    const fix = `Give yourself the right to write ${place}, free space there, or set town.home in gastown.yaml`;
    yield isIll(check, { what: 'The town’s folder cannot be written.', evidence: fault, fix });
    return;
  }
  const { bavail, bsize, ffree, files } = await statfs(place);
  const free = bavail * bsize;
  const evidence = `${home}: ${gib(free)} free, limits.minFreeGiB is ${minFreeBytes / 2 ** 30}`;
  const short: Ailing = {
    what: 'Little space is left on the disk of the town’s folder.',
    evidence,
    fix: 'gt disk, then gt prune --older 14d',
  };
  if (free < minFreeBytes)
    yield isIll(check, { ...short, what: 'The disk is so full that no new bead (task) starts.' });
  else if (free < 2 * minFreeBytes) yield isPoor(check, short);
  else yield isWell(check, `${gib(free)} free`, home);
  // Some file systems count no files, and say 0 of 0.
  if (files > 0 && ffree < fewFiles)
    yield isPoor(check, {
      what: `Only ${ffree} more files fit on the disk of the town’s folder (inodes).`,
      evidence: `statfs ${place}`,
      fix: 'gt prune --older 14d',
    });
}

/** The folder itself or, before the first `gt up`, the one that it will be made in. */
const nearest = async (folder: string): Promise<string> =>
  await statfs(folder).then(
    () => folder,
    () => (dirname(folder) === folder ? folder : nearest(dirname(folder))),
  );

const writeFault = async (folder: string): Promise<string | undefined> => {
  const draft = join(folder, `.gastown-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(draft, 'written by gt doctor', { flag: 'wx' });
    return;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
};

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
