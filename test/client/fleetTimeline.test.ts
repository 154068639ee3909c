import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gt } from './gtProcess.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastown-picture-'));
  const calls = join(folder, 'home', 'transcripts', 'demo', 'core');
  await mkdir(calls, { recursive: true });
  const usage = { calls: 1, promptTokens: 1, completionTokens: 1, estimated: false };
  const call = { turn: 1, attempt: 1, model: 'coder', host: 'desk', promptRef: 'p', replyRef: 'r', usage };
  await writeFile(
    join(calls, 'one.jsonl'),
    `${JSON.stringify({ ...call, at: 1e12, ms: 4_000, outcome: '\u001b[31mstop' })}\n`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the picture of a convoy is written to a new file, while the town is closed', async () => {
  const home = ['--home', join(folder, 'home')];
  const out = join(folder, 'demo.svg');
  const written = await gt(['fleet', 'timeline', 'demo', '--out', out, ...home], folder);
  expect(written).toMatchObject({ code: 0, out: `Wrote the hosts of demo into ${out}` });
  const svg = await readFile(out, 'utf8');
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*<\/svg>\n$/);

  const printed = await gt(['fleet', 'timeline', 'demo', ...home], folder);
  expect(printed.out).toBe(svg.trimEnd());
  // G9: what a server said drives no terminal.
  expect(printed.out).not.toContain('\u001b');

  const again = await gt(['fleet', 'timeline', 'demo', '--out', out, ...home], folder);
  expect(again.code).toBe(2);
  expect(again.err).toContain('CannotWrite');
});

test('G10: a convoy without a call has no picture, and those that have are named', async () => {
  const unknown = await gt(['fleet', 'timeline', 'dmo', '--home', join(folder, 'home')], folder);
  expect(unknown.code).toBe(2);
  expect(unknown.err).toMatch(/Did you mean demo\?[^]*Next: /);
});
