import { appendFile, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type EditForm, editForms, type FormCount } from '../../workflows/domain/bead/editForm.ts';
import type { Home } from '../home.ts';

/** How well models keep to the forms that they are asked for: one line a reply, under the home. Derived: losing it only costs replies (G4). */
export interface FormCounts {
  /** Of the newest replies of one model. */
  read(model: string): Promise<readonly FormCount[]>;
  add(model: string, form: EditForm, wellFormed: boolean): Promise<void>;
}

/** Bytes of a file that count: about two thousand replies, so that a model that was replaced is soon known anew. */
const newest = 64 * 1024;
const largest = 4 * newest;

export const createFormCounts = (home: Home): FormCounts => ({
  async read(model) {
    const counts = new Map(editForms.map((form) => [form, { form, wellFormed: 0, malformed: 0 }]));
    for (const line of (await tailOf(home.forms(model))).split('\n')) {
      const [form, end] = line.split(' ');
      const count = counts.get(form as EditForm);
      if (count === undefined) continue;
      if (end === 'well') count.wellFormed += 1;
      if (end === 'malformed') count.malformed += 1;
    }
    return [...counts.values()];
  },

  async add(model, form, wellFormed) {
    const path = home.forms(model);
    await mkdir(dirname(path), { recursive: true });
    // One short write with O_APPEND: lines of several processes never mix.
    await appendFile(path, `${form} ${wellFormed ? 'well' : 'malformed'}\n`);
    const file = await open(path).catch(() => undefined);
    const size = (await file?.stat())?.size ?? 0;
    await file?.close();
    if (size > largest) await rename(path, `${path}.old`).catch(() => undefined);
  },
});

const tailOf = async (path: string): Promise<string> => {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const length = Math.min(size, newest);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8');
  } finally {
    await file.close();
  }
};
