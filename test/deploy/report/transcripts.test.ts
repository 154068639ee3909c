import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callsOf } from '../../../deploy/report/transcripts.ts';
import { beadKey } from '../../../workflows/domain/naming.ts';
import { seanceCalls } from '../../../workflows/domain/seance.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'gastown-transcripts-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

test('G7: each call counts for the role that made it: the mayor and seances are known by their place', async () => {
  const ref = { convoy: 'demo', epic: 'core', bead: 'parser' };
  const write = async (key: string, role?: string): Promise<void> => {
    const path = join(home, 'transcripts', `${key}.jsonl`);
    await mkdir(dirname(path), { recursive: true });
    const line = {
      at: 1,
      turn: 1,
      model: 'small',
      usage: { calls: 1, promptTokens: 3, completionTokens: 4 },
    };
    await writeFile(
      path,
      `${JSON.stringify({ ...line, ...(role === undefined ? {} : { role }) })}\n{"torn\n`,
    );
  };
  await write(beadKey(ref), 'reviewer');
  await write(beadKey({ ...ref, bead: 'lexer' }));
  await write(beadKey(seanceCalls(ref)));
  await write('demo/plan/mayor');
  const calls = await callsOf(home, 'demo');
  expect(Object.fromEntries(calls.map(({ bead, role }) => [bead, role]))).toEqual({
    'demo/core/parser': 'reviewer',
    'demo/core/lexer': 'polecat',
    'demo/seance/parser': 'seance',
    'demo/plan/mayor': 'mayor',
  });
});
