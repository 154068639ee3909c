/** `npm run docs`: writes the pages of docs/ that come from the code. A test holds that they are current. */
import { readFile, writeFile } from 'node:fs/promises';
import { configurationPage } from '../config/reference.ts';

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);

await writeFile(
  at('docs/configuration.md'),
  configurationPage(await readFile(at('gastown.example.yaml'), 'utf8')),
);
console.log('Wrote docs/configuration.md.');
