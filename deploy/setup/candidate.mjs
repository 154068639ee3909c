import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { command } from './command.mjs';
import { tail } from './problem.mjs';

/** What deploy/server asks of `temporal server start-dev`. */
const neededFlags = [
  '--sqlite-pragma',
  '--dynamic-config-value',
  '--search-attribute',
  '--disable-config-env',
  '--ui-disable-news-fetch',
];
/** Task queue fairness is younger than the rest of what the town uses. */
const oldestServer = [1, 29];

/**
 * Why this file cannot serve the town, in one line; undefined when it can. Asking costs two runs of a large program,
 * so what passed is noted in the cache by path, size and time, and not asked again until it changes.
 */
export const candidateFault = async (path, cache) => {
  const file = await stat(path).catch(() => undefined);
  if (file === undefined) return `${path} is not there`;
  if (!file.isFile() || !(await isExecutable(path))) return `${path} is not an executable file`;
  const note = `${path} ${file.size} ${file.mtimeMs}`;
  if ((await readNotes(cache)).includes(note)) return;
  const fault = await ask(path);
  if (fault === undefined) await addNote(cache, note);
  return fault;
};

/** All executables of that name, in the order in which a shell finds them. */
export const executablesOnPath = async (name, path = '') => {
  const found = [];
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const candidate = join(folder, name);
    if (!found.includes(candidate) && (await isExecutable(candidate))) found.push(candidate);
  }
  return found;
};

const ask = async (path) => {
  const [version, help] = await Promise.all([
    command(path, ['--version'], { timeoutMs: 20_000 }),
    command(path, ['server', 'start-dev', '--help'], { timeoutMs: 20_000 }),
  ]);
  const [, major, minor] = version.output.match(/^temporal version .*\bServer (\d+)\.(\d+)/m) ?? [];
  if (version.status !== 0 || major === undefined)
    return `${path} is no Temporal command line (--version: ${outcome(version)})`;
  const tooOld =
    Number(major) < oldestServer[0] || (Number(major) === oldestServer[0] && Number(minor) < oldestServer[1]);
  if (tooOld)
    return `${path} is too old (${tail(version.output, 1)}; needed is server ${oldestServer.join('.')} or newer)`;
  if (help.status !== 0) return `${path} has no \`server start-dev\` (${outcome(help)})`;
  const lacking = neededFlags.filter((flag) => !help.output.includes(flag));
  if (lacking.length > 0) return `${path} is too old (its \`server start-dev\` lacks ${lacking.join(', ')})`;
};

const outcome = ({ status, output }) =>
  `${status === null ? 'did not run' : `exit status ${status}`}${output.trim() === '' ? '' : `: ${tail(output, 1)}`}`;

const isExecutable = async (path) => {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
};

const notesPath = (cache) => join(cache, 'verified');

const readNotes = async (cache) => (await readFile(notesPath(cache), 'utf8').catch(() => '')).split('\n');

/** Only saves time: a machine where it cannot be written asks again each time. */
const addNote = async (cache, note) => {
  try {
    await mkdir(cache, { recursive: true });
    const draft = `${notesPath(cache)}.${process.pid}`;
    await writeFile(draft, [...(await readNotes(cache)).filter(Boolean).slice(-20), note].join('\n'));
    await rename(draft, notesPath(cache));
  } catch {}
};
