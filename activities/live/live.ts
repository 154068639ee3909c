import { appendFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { BeadRef } from '../../workflows/domain/naming.ts';
import type { Home } from '../home.ts';
import { type Concealer, createConcealer, forShow } from '../secrets/concealer.ts';
import { createHoldBack } from './holdBack.ts';

/** One speaker in the live log of a bead: a model's reply, or a run of gates. */
export interface LiveLog {
  /** Shown soon; never waited for, and no failure of it is anybody's. */
  readonly write: (piece: string | Buffer) => void;
  readonly end: () => Promise<void>;
}

/**
 * What the models and gates of beads say at this moment, as files under the home that other processes read: a bead's file begins
 * anew with each turn, is bounded, and goes with the bead. Derived, for people; nothing decides by it (G4).
 */
export interface Live {
  /** A turn begins: what the one before has said is over. */
  readonly turn: (bead: BeadRef, heading: string) => LiveLog;
  /** Somebody else goes on within the turn. */
  readonly more: (bead: BeadRef, heading: string) => LiveLog;
}

/** Bytes that one speaker may fill. */
const mostBytes = 256 * 1_024;
/** What comes within this time is one write, ms. */
const gatherMs = 200;

export const createLive = (home: Pick<Home, 'live'>, concealer: Concealer = createConcealer()): Live => ({
  turn: (bead, heading) => speak(home.live(bead), concealer, heading, 'anew'),
  more: (bead, heading) => speak(home.live(bead), concealer, heading, 'beneath'),
});

/** Removes what a bead has said. */
export const removeLive = async (home: Pick<Home, 'live'>, bead: BeadRef): Promise<void> => {
  await rm(home.live(bead), { force: true });
};

/** Removes the logs that nobody has written to since `before` (epoch ms): of beads that were ended from outside, and of plans. */
export const sweepLive = async (root: string, before: number): Promise<void> => {
  const folder = join(root, 'live');
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
    if (!name.endsWith('.log')) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < before) await rm(path, { force: true });
  }
};

const speak = (path: string, concealer: Concealer, heading: string, how: 'anew' | 'beneath'): LiveLog => {
  const hold = createHoldBack(forShow(concealer));
  const decoder = new StringDecoder('utf8');
  let gathered = '';
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  // The time makes each turn's beginning another one, by which readers notice it.
  const head = `== ${new Date().toISOString()} ${concealer.conceal(heading).replaceAll(/\s+/g, ' ')}\n`;
  let writing = begin(path, head, how);

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const text = gathered;
    gathered = '';
    if (text === '') return;
    writing = writing.then(() => appendFile(path, text, { mode: 0o600 })).catch(() => undefined);
  };
  const gather = (text: string): void => {
    if (text === '' || bytes > mostBytes) return;
    bytes += Buffer.byteLength(text);
    gathered += bytes > mostBytes ? '\n… the rest is not shown live …\n' : text;
    timer ??= setTimeout(flush, gatherMs).unref();
  };

  return {
    write(piece) {
      if (bytes <= mostBytes) gather(hold.add(typeof piece === 'string' ? piece : decoder.write(piece)));
    },
    async end() {
      gather(`${hold.add(decoder.end())}${hold.end()}\n`);
      flush();
      await writing;
    },
  };
};

const begin = async (path: string, head: string, how: 'anew' | 'beneath'): Promise<void> => {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    if (how === 'beneath') return await appendFile(path, head, { mode: 0o600 });
    // Another file in its place: whoever follows the turn before holds that one open, and reads it to its end.
    const next = path.replace(/\.log$/, '.next.log');
    await writeFile(next, head, { mode: 0o600 });
    await rename(next, path);
  } catch {
    // A full disk takes the view, not the work.
  }
};
