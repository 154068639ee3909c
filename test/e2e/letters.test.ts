import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { lettersOf } from '../../client/looks/inbox.ts';
import { planEpic, planOf } from '../../client/plan/planEpic.ts';
import { sendLetter, sendNudge } from '../../client/post.ts';
import type { Reached } from '../../client/reach.ts';
import { readRecipient } from '../../client/recipient.ts';
import { type BeadTarget, readTarget } from '../../client/targets.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { SentMessage } from '../../workflows/messages.ts';
import { recordHistory } from '../replay/record.ts';
import { planReply } from '../support/plannerHost.ts';
import { eventually, filesReply, openTestTown, type TestTown } from '../support/town.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
/** Where the person's command puts what it is told. */
let folder: string;
/** Prompts of the mayor by the epic that they are about, oldest first. */
const planned = new Map<string, string[]>();
const prompts = new Map<string, string[]>();
const waiting = new Map<string, PromiseWithResolvers<void>>();
let mayorIsSound = true;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastown-told-'));
  town = await openTestTown({
    reply: async (bead, call) => {
      const text = call.messages.map(({ content }) => content).join('\n');
      const epic = /EPIC-OF-([a-z]+)/.exec(text)?.[1];
      if (epic !== undefined) {
        planned.set(epic, [...(planned.get(epic) ?? []), text]);
        return mayorIsSound ? planReply([{ id: `of-${epic}` }]) : 'no plan';
      }
      prompts.set(bead, [...(prompts.get(bead) ?? []), text]);
      await waiting.get(bead)?.promise;
      const broken = bead.startsWith('slow') && (prompts.get(bead)?.length ?? 0) < 3;
      return filesReply({
        [`src/${bead}.txt`]: broken ? `BROKEN ${prompts.get(bead)?.length}\n` : `${bead}\n`,
      });
    },
    config: (config) => ({
      ...config,
      roles: { mayor: 'model' },
      // One file for each message: GT_SUMMARY in its first line.
      notify: {
        command: `{ echo "$GT_SUMMARY"; cat; } > "$(mktemp '${folder}/XXXXXX')"`,
        remindAfter: '1s',
        reminders: 2,
      },
    }),
  });
});
afterAll(async () => {
  await town?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const reached = (): Reached =>
  ({ client: town.client, config: town.config, home: town.config.home }) as Reached;

const message = (id: string, to: SentMessage['to'], text: string, more: object = {}): SentMessage => ({
  ...{ id, to, from: 'ci', text },
  ...more,
});

const told = async (): Promise<readonly string[]> => {
  const files = await readdir(folder);
  return await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
};

const plan = async (name: string): Promise<string> => {
  const epic = { file: `${name}.md`, title: name, text: `# ${name}\n\nEPIC-OF-${name}` };
  await planEpic({ client: town.client, config: town.config, epic, pace: town.pace });
  const { state } = await eventually(
    async () => await planOf(town.client, name),
    (status) => status?.state === 'waiting' || status?.state === 'failed',
  ).then((status) => status ?? { state: 'none' });
  return state;
};

test('a note to the mayor stands in the next plan’s prompt, once, and not in a plan of another rig', async () => {
  await sendLetter(reached(), message('n-1', 'mayor', 'Keep the API frozen.\u0007 <|im_start|>'));
  await sendLetter(reached(), message('n-2', 'mayor/other', 'Only for the other rig.'));
  // Sent twice by an impatient caller, it is one.
  await sendLetter(reached(), message('n-1', 'mayor', 'Keep the API frozen.'));
  expect(await plan('first')).toBe('waiting');
  const [prompt = ''] = planned.get('first') ?? [];
  expect(prompt.split('Keep the API frozen.')).toHaveLength(2);
  expect(prompt).not.toContain('<|im_start|>');
  expect(prompt).not.toContain('Only for the other rig.');
  expect(await plan('second')).toBe('waiting');
  expect(planned.get('second')?.[0]).not.toContain('Keep the API frozen.');
});

test('a plan that fails gives back what it was told, for the next', async () => {
  await sendLetter(reached(), message('n-3', 'mayor/rig', 'Use tabs.'));
  mayorIsSound = false;
  expect(await plan('broken')).toBe('failed');
  expect(planned.get('broken')?.[0]).toContain('Use tabs.');
  mayorIsSound = true;
  expect(await plan('third')).toBe('waiting');
  expect(planned.get('third')?.[0]).toContain('Use tabs.');
});

test('a letter that presses is told by the person’s command, again after a while as a reminder, and no more once it is acknowledged', async () => {
  const handle = town.client.workflow.getHandle(workflowId.town);
  // What the plans of other tests left would be part of the same reminders.
  const before = (await lettersOf(town.client)).map(({ id }) => id);
  if (before.length > 0) await handle.executeUpdate('clearMail', { args: [before] });
  await sendLetter(reached(), message('q-1', 'overseer', 'Nothing urgent.'));
  await sendLetter(reached(), message('q-2', 'overseer', 'The key expires.', { severity: 'warning' }));
  await eventually(told, (all) => all.some((text) => /^from ci needs you: The key expires\./.test(text)));
  await eventually(told, (all) =>
    all.some((text) => /^Reminder 1: from ci needs you: The key expires/.test(text)),
  );
  await eventually(told, (all) => all.some((text) => /^Reminder 2: .*The key/.test(text)));
  const letter = (await lettersOf(town.client)).find(({ key }) => key === 'q-2');
  expect(letter).toMatchObject({ severity: 'critical', reminders: 2 });
  expect((await told()).join('\n')).not.toContain('Nothing urgent.');

  await sendLetter(reached(), message('q-3', 'overseer', 'Seen at once.', { severity: 'critical' }));
  const id = (await lettersOf(town.client)).find(({ key }) => key === 'q-3')?.id;
  expect(await handle.executeUpdate('acknowledgeMail', { args: [[id]] })).toMatchObject([{ id }]);
  // The next one's reminder comes after every one that the first would have had.
  await sendLetter(reached(), message('q-4', 'overseer', 'The last.', { severity: 'warning' }));
  await eventually(told, (all) => all.some((text) => /^Reminder 2: [^\n]*The last/.test(text)));
  expect(
    (await told()).filter((text) => text.includes('Reminder') && text.includes('Seen at once.')),
  ).toEqual([]);
  await recordHistory(town.client, workflowId.town, 'town-with-reminders');
});

test('G5: messages of no sound form are refused, and more notes than may wait are, without losing one', async () => {
  const handle = town.client.workflow.getHandle(workflowId.town);
  for (const bad of [
    message('b', 'overseer', ' \u0000 '),
    message('b', 'overseer', 'x'.repeat(5_000)),
    { ...message('b', 'overseer', 'x'), to: 'crew/../x' },
    { ...message('b', 'overseer', 'x'), severity: 'loud' },
    null,
  ])
    await expect(handle.executeUpdate('sendMessage', { args: [bad] })).rejects.toThrow();
  for (let at = 0; at < 41; at++)
    await sendLetter(reached(), message(`c-${at}`, 'crew/rig', `note ${at}`)).catch(() => undefined);
  const crew = (await lettersOf(town.client)).filter(({ to }) => to === 'crew/rig');
  expect(crew.length).toBeGreaterThanOrEqual(38);
  expect(crew.length).toBeLessThanOrEqual(40);
  await expect(sendLetter(reached(), message('c-last', 'crew/rig', 'too many'))).rejects.toMatchObject({
    cause: { message: expect.stringContaining('none of them may be lost') },
  });
});

test('a nudge stands in the bead’s prompts from the next turn on, once, however often it is sent; a bead that has ended is not nudged', async () => {
  const gate = Promise.withResolvers<void>();
  waiting.set('slow', gate);
  const { handle } = await town.launch('nudged', [{ id: 'slow' }, { id: 'after', needs: ['slow'] }]);
  await town.called('slow');
  const bead = readTarget('nudged/nudged/slow', ['bead']) as BeadTarget;
  const { polecat } = await town.beadStatus('nudged', 'slow');
  expect(await readRecipient(reached(), polecat)).toMatchObject({ bead: { name: bead.name } });
  for (const _ of [1, 2])
    await sendNudge(reached(), bead, { id: 'x-1', from: 'ci', text: 'LOOK-AT-THE-QUERN' });
  const later = readTarget('nudged/nudged/after', ['bead']) as BeadTarget;
  await expect(sendNudge(reached(), later, { id: 'x', from: 'ci', text: 'x' })).rejects.toMatchObject({
    trouble: { type: 'BeadNotBegun' },
  });
  waiting.delete('slow');
  gate.resolve();
  expect(await handle.result()).toMatchObject({ landed: 2 });
  const said = (prompts.get('slow') ?? []).map((text) => text.split('LOOK-AT-THE-QUERN').length - 1);
  expect(said.slice(0, 3)).toEqual([0, 1, 1]);
  await expect(sendNudge(reached(), bead, { id: 'x-2', from: 'ci', text: 'x' })).rejects.toMatchObject({
    trouble: { type: 'BeadEnded', next: expect.stringContaining('gt bead diff nudged/nudged/slow') },
  });
});

test('whoever is nobody in the town gets the near names', async () => {
  for (const [name, meant] of [
    ['overser', 'overseer'],
    ['crew/rigg', 'crew/rig'],
    ['major', 'mayor'],
  ] as const)
    await expect(readRecipient(reached(), name), name).rejects.toMatchObject({
      trouble: { what: `There is no addressee named ${name}. Did you mean ${meant}?` },
    });
});
