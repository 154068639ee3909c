import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exitCode } from '../../client/exitCodes.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { gt, type Ran } from '../client/gtProcess.ts';
import { openGtTown } from '../client/gtTown.ts';
import { recordHistory } from '../replay/record.ts';
import { filesReply, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
const broken = new Set<string>();

beforeAll(async () => {
  town = await openGtTown({
    reply: (bead) => filesReply({ [`src/${bead}.txt`]: broken.has(bead) ? 'BROKEN\n' : `${bead}\n` }),
    config: (config) => ({ ...config, limits: { bead: { attempts: 1 } } }),
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

const run = (...args: string[]): Promise<Ran> => gt(args, town.folder);
const letters = async (): Promise<{ id: number; about: string }[]> =>
  (JSON.parse((await run('inbox', '--json')).out) as { data: { id: number; about: string }[] }).data;

const blocked = async (convoy: string, bead: string): Promise<void> => {
  broken.add(bead);
  expect(await (await town.launch(convoy, [{ id: bead }])).handle.result()).toMatchObject({ blocked: 1 });
};

test('G10: letters are listed newest first with what to do, cleared by id, and an unknown id clears nothing', async () => {
  expect(await run('inbox')).toMatchObject({ code: 0, out: 'No letters.' });
  expect(await run('inbox', 'clear', '--all')).toMatchObject({ code: 0, out: 'There was no letter.' });
  await blocked('first', 'one');
  await blocked('second', 'two');
  const listed = await patiently(letters, ({ length }) => length === 2);
  expect(listed.map(({ about }) => about)).toEqual(['second/second/two', 'first/first/one']);
  const [newer, older] = listed.map(({ id }) => String(id)) as [string, string];

  const { out } = await run('inbox');
  expect(out).toMatch(new RegExp(`^${newer} {2}second/second/two {2}.* ago\n {2}\\w+: `));
  expect(out).toMatch(/ {2}Next: .*gt convoy launch \/\S+second\.yaml/);
  expect(out).toMatch(/2 letters\. To clear: gt inbox clear ID…, or gt inbox clear --all$/);
  const status = (await run('status')).out;
  expect(status).toContain(`Mail for you (2 letters):\n  ${newer}  second/second/two`);
  expect(status).toContain('gt inbox');

  for (const args of [['99'], ['--all', newer], [], [older, 'x']])
    expect((await run('inbox', 'clear', ...args)).code, args.join(' ')).toBe(exitCode.badInput);
  expect((await run('inbox', 'clear', '99')).err).toContain(`letters: ${older}, ${newer}`);
  expect(await letters()).toHaveLength(2);

  expect((await run('inbox', 'clear', older)).out).toMatch(/^Cleared 1 letter:\n.*first\/first\/one/);
  expect((await letters()).map(({ id }) => String(id))).toEqual([newer]);
  expect((await run('inbox', 'clear', '--all')).out).toContain('second/second/two');
  expect(await letters()).toEqual([]);
  // By the plain temporal command line, too.
  await expect(
    town.client.workflow.getHandle('town').executeUpdate('clearMail', { args: [[7]] }),
  ).rejects.toMatchObject({ cause: { message: expect.stringContaining('There is no such letter: 7') } });
});

test('a convoy that is launched again takes its letters back by itself, and writes anew only if it must', async () => {
  await blocked('again', 'three');
  await blocked('other', 'four');
  await patiently(letters, ({ length }) => length === 2);
  broken.delete('three');
  const { handle } = await town.launch('again', [{ id: 'three' }]);
  expect(await handle.result()).toMatchObject({ landed: 1 });
  expect((await letters()).map(({ about }) => about)).toEqual(['other/other/four']);
  const { handle: still } = await town.launch('other', [{ id: 'four' }]);
  expect(await still.result()).toMatchObject({ blocked: 1 });
  expect((await patiently(letters, ({ length }) => length === 1)).map(({ about }) => about)).toEqual([
    'other/other/four',
  ]);
  await recordHistory(town.client, workflowId.town, 'town-with-letters');
});
