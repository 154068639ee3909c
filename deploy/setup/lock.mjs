import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const beatMs = 5_000;
/** An owner that has not beaten for so long is dead, even if another process has its pid by now. */
const staleMs = 30_000;

/**
 * Runs `work` while no other process does, for a lock that is a file. Waits for an owner that is alive, however long
 * its work takes, and says so once by `onWait`; takes over from a dead one.
 */
export const withLock = async (path, work, onWait = () => {}) => {
  await mkdir(dirname(path), { recursive: true });
  let told = false;
  while (!(await take(path))) {
    const owner = await ownerOf(path);
    if (owner === undefined) continue;
    if (!owner.alive) {
      await putAway(path, owner.text);
      continue;
    }
    if (!told) onWait(owner.text.trim());
    told = true;
    await pause(100);
  }
  const beat = setInterval(() => utimes(path, new Date(), new Date()).catch(() => {}), beatMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(path, { force: true });
  }
};

/** `link` makes the file with its text in one step, so nobody reads an empty owner. */
const take = async (path) => {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${process.pid}\n`);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
};

const ownerOf = async (path) => {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    return { text, alive: Date.now() - mtimeMs < staleMs && isAlive(Number(text)) };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
};

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** Between our look and our move another may have taken over: then what we moved is its lock, and goes back. */
const putAway = async (path, deadText) => {
  const aside = `${path}.${process.pid}.dead`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) !== deadText) await link(aside, path).catch(() => {});
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  } finally {
    await rm(aside, { force: true });
  }
};
