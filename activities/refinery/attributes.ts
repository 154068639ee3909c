import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readObject } from '../git/objects.ts';
import type { Bench } from './bench.ts';

/**
 * Gives the bare repository the merge attributes of a commit: git reads no `.gitattributes` where there is no work
 * tree, so `merge=union` would conflict here and nowhere else. Only merge attributes are taken over, since this file
 * outranks the work trees' own.
 */
export const takeAttributes = async (bench: Bench, commit: string): Promise<void> => {
  const file = await readObject(bench.repo, `${commit}:.gitattributes`, bench.signal);
  const wanted = file?.type === 'blob' ? mergeLines(file.bytes.toString('utf8')) : '';
  const path = join(bench.repo, 'info', 'attributes');
  const present = await readFile(path, 'utf8').catch(() => '');
  if (present === wanted) return;
  await mkdir(join(bench.repo, 'info'), { recursive: true });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, wanted);
  await rename(draft, path);
};

const mergeLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('['))
    .map((line) => {
      const [pattern = '', ...attributes] = line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
      const merge = attributes
        .map((one) => (one === 'binary' ? '-merge' : one))
        .filter((one) => /^[-!]?merge(=[\w-]+)?$/.test(one));
      return merge.length === 0 ? '' : `${pattern} ${merge.join(' ')}\n`;
    })
    .join('');
