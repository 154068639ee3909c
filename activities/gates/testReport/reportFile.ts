import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isInside, realPath } from '../../sandbox/paths.ts';
import { readJunitXml } from './junitXml.ts';
import { joinReports, type TestReport } from './testReport.ts';

/** Bytes of all files of a report together, and files in its folder. */
const most = { bytes: 32 * 2 ** 20, files: 500 } as const;

/** Files of a report, each with what tells whether it was written since. */
export type ReportMarks = ReadonlyMap<string, string>;

/** What lies where a gate is to write its report. A model may have put it there, so it proves nothing. */
export const reportMarks = async (dir: string, path: string): Promise<ReportMarks> => {
  const marks = new Map<string, string>();
  for (const file of await filesAt(dir, path)) {
    const stat = await lstat(file, { bigint: true }).catch(() => undefined);
    // Nobody but the system sets the time of a change.
    if (stat?.isFile()) marks.set(file, `${stat.ino} ${stat.ctimeNs} ${stat.size}`);
  }
  return marks;
};

/**
 * What the gate has written there: JUnit's XML in a file, or in the files of a folder that end so. Undefined when there is nothing
 * new that is such a report.
 */
export const writtenReport = async (
  dir: string,
  path: string,
  before: ReportMarks,
): Promise<TestReport | undefined> => {
  const now = await reportMarks(dir, path);
  const written = [...now].filter(([file, mark]) => before.get(file) !== mark).map(([file]) => file);
  const reports: TestReport[] = [];
  let room: number = most.bytes;
  for (const file of written.slice(0, most.files)) {
    const text = await readWithin(file, room);
    room -= text?.length ?? 0;
    const report =
      text === undefined ? unread : readJunitXml(text.toString('utf8').replaceAll(`${dir}/`, ''));
    if (report !== undefined) reports.push(report);
  }
  if (written.length > most.files) reports.push(unread);
  return joinReports(reports);
};

const unread: TestReport = { ran: undefined, failing: [], partial: true };

/** Nothing outside of the tree, whatever links say. */
const filesAt = async (dir: string, path: string): Promise<readonly string[]> => {
  const [root, real] = await Promise.all([realPath(dir), realPath(join(dir, path))]);
  if (root === undefined || real === undefined || !isInside(real, root)) return [];
  const stat = await lstat(real).catch(() => undefined);
  if (stat?.isDirectory() !== true) return [real];
  const names = await readdir(real).catch(() => []);
  const reports = names.filter((name) => name.endsWith('.xml')).sort();
  return reports.slice(0, most.files + 1).map((name) => join(real, name));
};

/** Undefined when it is longer, or no plain file: a pipe would make us wait. */
const readWithin = async (file: string, room: number): Promise<Buffer | undefined> => {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(file, flags).catch(() => undefined);
  if (handle === undefined) return;
  try {
    const stat = await handle.stat();
    return stat.isFile() && stat.size <= room ? await handle.readFile() : undefined;
  } finally {
    await handle.close();
  }
};
