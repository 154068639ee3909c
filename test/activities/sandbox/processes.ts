import { readdir, readFile } from 'node:fs/promises';

/** Running processes of the whole machine whose command line has a text. */
export const processesWith = async (text: string): Promise<string[]> => {
  const found = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
        return line.includes(text) ? `${name} ${line.replaceAll('\0', ' ')}` : '';
      }),
  );
  return found.filter((line) => line !== '');
};
