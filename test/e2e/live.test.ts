import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exportBead } from '../../client/export/beadExport.ts';
import { exportMarkdown } from '../../client/export/exportMarkdown.ts';
import { followLive } from '../../client/liveLog.ts';
import { eventually, filesReply, openTestTown, type TestTown } from '../support/town.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
/** Put together here, so that no scanner takes this file for a leak. */
const secret = ['gh', 'p_', 'aB3cD4eF5gH6iJ7kL8mN9oP0qR1sT2uV3wX4'].join('');
let turns = 0;

beforeAll(async () => {
  town = await openTestTown({
    files: {
      'talk.sh':
        'echo "gate speaks \u001b[31mred\u001b[0m"; echo "after a while"; grep -q BROKEN src/*.txt && exit 1; exit 0\n',
    },
    reply: () =>
      `I think of ${secret} \u001b]0;pwned\u0007 first.\n${filesReply({ 'src/one.txt': ++turns === 1 ? 'BROKEN\n' : 'sound\n' })}`,
    config: (config) => {
      const { rigs } = config as { rigs: { rig: { gates: object[] } } };
      const talk = { name: 'talk', run: 'sh talk.sh', timeout: '20s' };
      return { ...config, rigs: { rig: { ...rigs.rig, gates: [talk] } } };
    },
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

test('what a model writes and its gates say is seen as it comes, safe for a terminal and without secrets, and is gone with the bead', async () => {
  const { home } = town.config;
  const hold = town.holds.hold('closeBead');
  const watch = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const lines of followLive(home, 'talks/talks/one', watch.signal)) seen.push(...lines);
  })();
  const { handle } = await town.launch('talks', [{ id: 'one' }]);
  await hold.arrived;
  await eventually(
    async () => seen,
    (lines) => lines.some((line) => line.includes('talk: passed')),
  );
  hold.release();
  watch.abort();
  await watching;
  expect(await handle.result()).toMatchObject({ landed: 1 });

  const text = seen.join('\n');
  expect(text).toMatch(
    /== \S+ turn 1, model on host\nI think of REDACTED_GITHUB_TOKEN_\w+ {2}first\.\nsrc\/one\.txt/,
  );
  expect(text).toMatch(/== \S+ gates\n-- talk\ngate speaks red\nafter a while\n/);
  expect(text).toContain('-- talk: red');
  expect(text).toMatch(/turn 2, model on host[\s\S]*-- talk: passed/);
  expect(text).not.toContain(secret);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f]/);
  await eventually(
    () =>
      access(join(home, 'live', 'talks/talks/one.log')).then(
        () => 'there',
        () => 'gone',
      ),
    (found) => found === 'gone',
  );
});

test('the conversation of a bead that has landed is exported with the gates of each turn and what each had changed', async () => {
  const found = await exportBead(town.config.home, 'talks/talks/one', () => true);
  expect(found.steps.map(({ kind, turn }) => `${kind} ${turn}`)).toEqual([
    'call 1',
    'gates 1',
    'call 2',
    'gates 2',
  ]);
  const page = exportMarkdown(found);
  expect(page).toContain('### Gates: red');
  expect(page).toContain('after a while');
  expect(page).toContain('-BROKEN\n+sound');
  expect(page).toContain('TASK-OF-one.');
  expect(page).not.toContain(secret);
});
