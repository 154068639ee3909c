import { randomUUID } from 'node:crypto';
import { birthOf } from '../births.ts';
import { fail } from '../failure.ts';
import { readObject } from '../git/objects.ts';
import type { Bench } from './bench.ts';

/** A slot that nobody else uses until it is released. */
export interface Claim {
  readonly number: number;
  /** Gives it back to this process, which keeps it for its next test. */
  release(): void;
}

const maxSlots = 64;
/** Claims of this process. What its own pid holds in git and not here is left over from an earlier life. */
const held = new Set<string>();
/** Claims that no test uses just now, by repository. A process keeps what it has; when it dies, others take it. */
const idleClaims = new Map<string, Claim[]>();

/**
 * Claims the lowest free slot of a rig. Several workers share a home, so a claim is a ref that names its holder and is
 * taken by git's compare-and-swap: of many that find a dead holder, one wins.
 */
export const claimSlot = async (bench: Bench): Promise<Claim> => {
  const idle = (idleClaims.get(bench.repo) ?? []).pop();
  if (idle !== undefined) return idle;
  const me = JSON.stringify({ pid: process.pid, born: await birthOf(process.pid), nonce: randomUUID() });
  const mine = (await bench.plumb(['hash-object', '-w', '--stdin'], { input: me })).stdout.trim();
  for (let number = 0; number < maxSlots; number++) {
    const ref = `refs/gt/slot/${number}`;
    const { oid, isFree } = await holderOf(bench, ref);
    if (!isFree) continue;
    const won = await swap(bench, ref, mine, oid);
    if (!won) continue;
    held.add(me);
    const claim: Claim = {
      number,
      release: () => idleClaims.set(bench.repo, [...(idleClaims.get(bench.repo) ?? []), claim]),
    };
    return claim;
  }
  throw fail('GitFailed', {
    what: `All ${maxSlots} test slots of rig ${bench.rig.name} are taken.`,
    evidence: `refs/gt/slot/* in ${bench.repo}`,
    next: 'The town tries again by itself; start fewer workers if it goes on.',
  });
};

/** Whether a claim, named by its blob, is held by nobody any more. */
export const deadHolder = async (repo: string, oid: string, signal: AbortSignal): Promise<boolean> => {
  const blob = await readObject(repo, oid, signal);
  return blob !== undefined && !(await isAlive(blob.bytes.toString('utf8')));
};

const holderOf = async (bench: Bench, ref: string): Promise<{ oid: string; isFree: boolean }> => {
  const blob = await readObject(bench.repo, ref, bench.signal);
  if (blob === undefined) return { oid: '', isFree: true };
  return { oid: blob.oid, isFree: !(await isAlive(blob.bytes.toString('utf8'))) };
};

const isAlive = async (text: string): Promise<boolean> => {
  try {
    const { pid, born } = JSON.parse(text) as { pid: number; born: string };
    if (pid === process.pid) return held.has(text);
    process.kill(pid, 0);
    // Pids are given again: the same number born at another time is another process.
    return (await birthOf(pid)) === born;
  } catch {
    return false;
  }
};

/** Sets a ref if it still is what was seen; false when somebody was faster. */
const swap = async (bench: Bench, ref: string, to: string, from: string): Promise<boolean> => {
  try {
    await bench.plumb(['update-ref', ref, to, from === '' ? '0'.repeat(to.length) : from]);
    return true;
  } catch (error) {
    if (/but expected|reference already exists/.test(error instanceof Error ? error.message : ''))
      return false;
    throw error;
  }
};
