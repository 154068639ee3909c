import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { signalGroup } from '../deploy/town/processes.ts';
import { readRecord, type TownRecord } from '../deploy/town/record.ts';
import { oneLine } from '../workflows/domain/text.ts';

/** A town that opens in a process of its own, and what that process writes. */
export interface Starting {
  readonly home: string;
  readonly child: ChildProcess;
  readonly log: string;
  /** Bytes of the log that are older than this start. */
  readonly from: number;
  /** The line of it that the person has been told already. */
  readonly said: string;
}

export interface Patience {
  /** Without a new line in the log or a new process in `town.json` for this long, a start hangs, ms. */
  readonly silentMs: number;
  /** A start that takes longer than this is told line by line, ms. */
  readonly tellAfterMs: number;
}

/** The server's own bound is 60 s, and three tries of a worker take less. */
export const usualPatience: Patience = { silentMs: 90_000, tellAfterMs: 5_000 };

export type Opening = { readonly record: TownRecord } | { readonly why: 'ended' | 'silent' | 'stopped' };

/**
 * Waits for as long as the process lives and gets on. Whoever stops waiting, by `until` or because nothing happens any
 * more, ends the process too: a town that opens after its failure was reported is nobody's.
 */
export const awaitOpen = async (
  starting: Starting,
  patience: Patience,
  tell: (line: string) => void,
  until: AbortSignal,
): Promise<Opening> => {
  const { home, child } = starting;
  const began = Date.now();
  let [news, newsAt, told] = ['', began, starting.said];
  const ended = new Promise<'ended'>((resolve) => {
    child.once('exit', () => resolve('ended')).once('error', () => resolve('ended'));
  });
  for (;;) {
    const record = await readRecord(home);
    const ours = record?.pids.some(({ pid }) => pid === child.pid) === true;
    if (record?.state === 'open' && ours) return { record };
    const wrote = await written(starting);
    const now = JSON.stringify([wrote, ours && record.pids]);
    if (now !== news) [news, newsAt] = [now, Date.now()];
    const line = wrote.split('\n').at(-1) ?? '';
    // The end of an error is no news of a start: it is told whole when the process has ended.
    if (line !== told && !/^(Next: | )/.test(line) && Date.now() - began > patience.tellAfterMs)
      tell(`The town is still starting; so far: ${oneLine(line, 200)}`);
    if (Date.now() - began > patience.tellAfterMs) told = line;
    const why = until.aborted ? 'stopped' : Date.now() - newsAt > patience.silentMs ? 'silent' : undefined;
    if (why !== undefined) {
      await endStart(child, ended);
      return { why };
    }
    if ((await Promise.race([ended, sleep(100)])) === 'ended') return { why: 'ended' };
  }
};

/** What the process has written since it started. */
export const written = async ({ log, from }: Starting): Promise<string> =>
  (await readFile(log)).subarray(from).toString('utf8').trim();

/** It closes what it has opened; a second signal makes it hurry. What hangs altogether is killed, and its workers end with it. */
const endStart = async (child: ChildProcess, ended: Promise<'ended'>): Promise<void> => {
  for (const ms of [5_000, 5_000]) {
    child.kill('SIGTERM');
    if ((await Promise.race([ended, sleep(ms)])) === 'ended') return;
  }
  if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
  await ended;
};
