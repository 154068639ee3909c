import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { oldNotes } from '../../../deploy/disk/leftFiles.ts';

test('records of hosts go when they are old; the one that is written stays', async () => {
  const home = await mkdtemp(join(tmpdir(), 'gastown-left-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  expect(await oldNotes(home, Date.now())).toEqual([]);
  await mkdir(join(home, 'fleet'));
  for (const name of ['desk.jsonl', 'desk.1.jsonl', 'gone.jsonl'])
    await writeFile(join(home, 'fleet', name), '{}\n');
  for (const name of ['desk.1.jsonl', 'gone.jsonl']) await utimes(join(home, 'fleet', name), 1, 1);
  const old = await oldNotes(home, Date.now() - 3_600_000);
  expect(old.map(({ kind }) => kind)).toEqual(['fleet', 'fleet']);
  // Written to meanwhile.
  await utimes(join(home, 'fleet', 'gone.jsonl'), new Date(), new Date());
  for (const one of old) await one.remove();
  expect((await readdir(join(home, 'fleet'))).toSorted()).toEqual(['desk.jsonl', 'gone.jsonl']);
});
