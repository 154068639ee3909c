import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { configurationPage } from '../../../deploy/config/reference.ts';

const read = (path: string): Promise<string> =>
  readFile(new URL(`../../../${path}`, import.meta.url), 'utf8');

test('docs/configuration.md says what the schema says now (`npm run docs` writes it)', async () => {
  expect(await read('docs/configuration.md')).toBe(configurationPage(await read('gastown.example.yaml')));
});

test('every field has its form and its meaning, in maps, lists and alternatives too', async () => {
  const page = configurationPage('');
  for (const field of [
    'hosts.<host>.quiet',
    'rigs.<rig>.gates[].run',
    'roles.mayor.apiVersion',
    'limits.bead.turns',
  ])
    expect(page).toContain(`| \`${field.replace(/^\w+\./, '')}\` |`);
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  expect(rows.length).toBeGreaterThan(50);
  expect(rows.filter((line) => /\| \|$/.test(line))).toEqual([]);
});
