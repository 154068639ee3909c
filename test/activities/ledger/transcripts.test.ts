import { appendFile, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { homeAt } from '../../../activities/home.ts';
import { createTranscripts, type TranscriptLine } from '../../../activities/ledger/transcripts.ts';

const bead = { convoy: 'c', epic: 'e', bead: 'b' };
const line = (turn: number): TranscriptLine => ({
  at: 1,
  turn,
  attempt: 1,
  model: 'm',
  host: 'h',
  promptRef: 'p'.repeat(64),
  usage: { calls: 1, promptTokens: 2, completionTokens: 3, estimated: false },
  ms: 4,
  outcome: 'stop',
});

describe('the transcript of a bead', () => {
  it('has one line a call, also when many are written at once', async () => {
    const transcripts = createTranscripts(homeAt(await mkdtemp(join(tmpdir(), 'gt-transcript-'))));
    expect(await transcripts.read(bead)).toEqual([]);
    await Promise.all(Array.from({ length: 50 }, (_, turn) => transcripts.append(bead, line(turn))));
    const turns = (await transcripts.read(bead)).map(({ turn }) => turn).sort((a, b) => a - b);
    expect(turns).toEqual(Array.from({ length: 50 }, (_, turn) => turn));
  });

  it('G5: is read and continued after a crash tore its last line', async () => {
    const home = homeAt(await mkdtemp(join(tmpdir(), 'gt-transcript-')));
    const transcripts = createTranscripts(home);
    await transcripts.append(bead, line(1));
    await appendFile(home.transcript(bead), '{"at":1,"turn":2,"mod');
    expect((await transcripts.read(bead)).map(({ turn }) => turn)).toEqual([1]);
    await transcripts.append(bead, line(3));
    expect((await transcripts.read(bead)).map(({ turn }) => turn)).toEqual([1, 3]);
    expect((await readFile(home.transcript(bead), 'utf8')).endsWith('\n')).toBe(true);
  });
});
