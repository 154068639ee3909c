import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { guessHome } from '../../../deploy/config/index.ts';
import { around } from './sample.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastown-home-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([
  ['town:\n  name: mill\n  home: ./here # beside\nhosts: [', 'here'],
  ['hosts: {\ntown:\r\n\r\n  home: "with # space"\r\nrigs: 1', 'with # space'],
  ['town:\n  home: ~/town\n', '/home/max/town'],
  ['town:\n  name: mill\nrigs:\n  home: ./not-this', '/home/max/.local/state/gastown/mill'],
  ['town:\n  name: Not/A Slug', '/home/max/.local/state/gastown/town'],
  ['town: { name: mill, home: ./here }\nhosts: 1', 'here'],
  ['town: [', '/home/max/.local/state/gastown/town'],
  ['[', '/home/max/.local/state/gastown/town'],
])('the home is guessed from what can be read of %j', async (text, home) => {
  const file = join(folder, 'gastown.yaml');
  await writeFile(file, text);
  expect(await guessHome(file, around)).toBe(home.startsWith('/') ? home : join(folder, home));
});

test('a file that is not there tells nothing', async () => {
  expect(await guessHome(join(folder, 'missing.yaml'), around)).toBeUndefined();
});
