import { readdir, readFile, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { noUsage, totalTokens } from '../../workflows/domain/host/model.ts';
import type { BeadHistory } from '../../workflows/domain/plan/forecast.ts';
import { type ReportedCall, type Role, roles } from '../../workflows/domain/report/reportCosts.ts';

/** Transcripts of beads that are asked for what a bead takes; the newest. */
const mostHistory = 200;

/** Every call for one convoy that the home remembers, oldest first in each file. Reads leniently: files outlive versions. */
export const callsOf = async (home: string, convoy: string): Promise<readonly ReportedCall[]> => {
  const files = await transcriptsIn(join(home, 'transcripts', convoy));
  return (await Promise.all(files.map(readCalls))).flat();
};

/** Every call that the home remembers, of all convoys. */
export const allCalls = async (home: string): Promise<readonly ReportedCall[]> => {
  const files = await transcriptsIn(join(home, 'transcripts'));
  return (await Promise.all(files.map(readCalls))).flat();
};

/** What the newest beads of this town have taken. */
export const beadHistory = async (home: string): Promise<readonly BeadHistory[]> => {
  const files = (await transcriptsIn(join(home, 'transcripts'))).filter(
    (file) => !isMayors(file) && !isSeance(file),
  );
  const dated = await Promise.all(
    files.map(async (file) => ({ file, at: (await stat(file).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  const newest = dated.toSorted((a, b) => b.at - a.at).slice(0, mostHistory);
  return (await Promise.all(newest.map(({ file }) => readCalls(file)))).flatMap(historyOf);
};

const historyOf = (calls: readonly ReportedCall[]): readonly BeadHistory[] => {
  const replies = calls.filter(({ replied }) => replied);
  if (replies.length === 0) return [];
  const begins = Math.min(...calls.map(({ at, ms }) => at - ms));
  return [
    {
      turns: replies.length,
      tokens: calls.reduce((sum, { usage }) => sum + totalTokens(usage), 0),
      ms: Math.max(...calls.map(({ at }) => at)) - begins,
    },
  ];
};

/** Paths of all transcripts below a folder. */
export const transcriptsIn = async (folder: string): Promise<readonly string[]> => {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return found
    .filter((entry) => entry.isFile() && entry.name.endsWith('.jsonl'))
    .map((entry) => join(entry.parentPath, entry.name));
};

/** The mayor's calls are those of its own place beside the epics: `<convoy>/plan/mayor`. */
const isMayors = (file: string): boolean => file.endsWith(mayorsFile);
const mayorsFile = join('plan', 'mayor.jsonl');

/** Whether a transcript is of a bead at work: not of the mayor, nor of questions about a bead, which are no work on it. */
export const isWork = (file: string): boolean =>
  !isMayors(file) && !isSeance(file) && !file.endsWith('.gates.jsonl');

const isSeance = (file: string): boolean => file.split(sep).at(-2) === 'seance';

/** The lines of a file of JSON lines; [] when it is not there. A line that a crash tore is left out. */
export const recordsIn = async (file: string): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const value = parsed(line);
    return value === undefined ? [] : [value];
  });
};

const readCalls = async (file: string): Promise<readonly ReportedCall[]> => {
  const bead = beadOf(file);
  return (await recordsIn(file)).flatMap((call) => {
    const { at, model, ms, usage, replyRef } = call;
    if (typeof at !== 'number' || typeof model !== 'string') return [];
    const counted = { ...noUsage, ...(typeof usage === 'object' ? usage : {}) };
    return [
      {
        role: isMayors(file) ? 'mayor' : isSeance(file) ? 'seance' : roleIn(call),
        bead,
        model,
        at,
        ms: typeof ms === 'number' ? ms : 0,
        usage: counted,
        replied: replyRef !== undefined,
      },
    ];
  });
};

/** The three folders, or two and a file, that name a bead. */
export const beadOf = (file: string): string =>
  file.slice(0, -'.jsonl'.length).split(sep).slice(-3).join('/');

/** Lines of before there were several roles name none. */
const roleIn = ({ role }: Readonly<Record<string, unknown>>): Role =>
  roles.find((one) => one === role && one !== 'mayor') ?? 'polecat';

/** Undefined for a line that a crash tore. */
const parsed = (line: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};
