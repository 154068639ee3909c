import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import { exitCode } from '../exitCodes.ts';
import { ClientError } from '../trouble.ts';

/** An epic in prose as a person wrote it. */
export interface Epic {
  readonly file: string;
  readonly title: string;
  readonly text: string;
}

/** Bytes. A goal of more than this is several, and no model reads it well. */
const mostBytes = 128 * 1024;

/** Whether a file is prose for the mayor, and not a plan in YAML. */
export const isProse = (file: string): boolean => /\.(md|markdown|txt)$/i.test(file);

/** Reads an epic. Throws (exit 2) for what is no text, nothing, or too much. */
export const readEpic = async (file: string): Promise<Epic> => {
  const bytes = await readBytes(file);
  const text = textOf(file, bytes);
  const title = titleOf(text) ?? basename(file);
  return { file, title, text };
};

const readBytes = async (file: string): Promise<Buffer> => {
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw unfit(file, 'is a folder', 'Name a file with the epic in it.');
    if (found.size > mostBytes) {
      throw unfit(
        file,
        `is too large for an epic: ${Math.ceil(found.size / 1024)} KiB, and at most ${mostBytes / 1024} KiB are taken`,
        'Shorten it to the goal and what matters for it, or split it into several epics.',
      );
    }
    return await readFile(file);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw unfit(file, 'does not exist', 'Check the name and the folder that you are in.');
    throw unfit(file, `cannot be read: ${message}`, 'Make it readable for this user.');
  }
};

const textOf = (file: string, bytes: Buffer): string => {
  const next = 'Write the epic as plain text or Markdown in UTF-8.';
  if (bytes.includes(0)) throw unfit(file, 'is binary, not text', next);
  try {
    const text = plainLines(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).trim();
    if (!/[\p{L}\p{N}]/u.test(text))
      throw unfit(file, 'is empty', 'Write what is to be achieved, in your own words.');
    return `${text}\n`;
  } catch (error) {
    if (error instanceof ClientError) throw error;
    throw unfit(file, 'is not UTF-8 text', next);
  }
};

/** The first heading, else the first line. */
const titleOf = (text: string): string | undefined => {
  const lines = text.split('\n').map((line) => line.trim());
  const heading = lines.find((line) => /^#{1,6}\s+\S/.test(line)) ?? lines.find((line) => line !== '');
  const title = oneLine((heading ?? '').replace(/^#+\s*/, '').replace(/\s*#+$/, ''), 110);
  return title === '' ? undefined : title;
};

const unfit = (file: string, what: string, next: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'BadEpic',
    what: `The epic ${what}.`,
    evidence: file,
    next: `${next} Nothing was started.`,
  });
