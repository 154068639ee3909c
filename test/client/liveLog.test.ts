import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { homeAt } from '../../activities/home.ts';
import { createLive, removeLive } from '../../activities/live/live.ts';
import { followLive } from '../../client/liveLog.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastown-follow-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const bead = { convoy: 'c', epic: 'e', bead: 'b' };

test('what was said last in a turn is told, though the next turn began or the bead ended before anybody looked again', async () => {
  const live = createLive(homeAt(folder));
  const watch = new AbortController();
  const gates = live.turn(bead, 'gates of turn 1');
  gates.write('-- check\n');
  await gates.end();
  const seen: string[] = [];
  const following = followLive(folder, 'c/e/b', watch.signal);
  seen.push(...((await following.next()).value ?? []));

  // Nobody looks in between: the generator stands still until it is asked for more.
  const verdict = live.more(bead, 'verdict');
  verdict.write('-- check: red');
  await verdict.end();
  const next = live.turn(bead, 'turn 2');
  next.write('second thoughts');
  await next.end();
  while (!seen.includes('second thoughts')) seen.push(...((await following.next()).value ?? []));
  const last = live.more(bead, 'gates');
  last.write('-- check: passed');
  await last.end();
  await removeLive(homeAt(folder), bead);
  watch.abort();
  for await (const lines of following) seen.push(...lines);

  expect(seen.filter((line) => line !== '').map((line) => line.replace(/^== \S+ /, '== '))).toEqual([
    ...['== gates of turn 1', '-- check', '== verdict', '-- check: red'],
    ...['== turn 2', 'second thoughts', '== gates', '-- check: passed'],
  ]);
});
