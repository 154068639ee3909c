import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { workflowId } from '../../workflows/domain/naming.ts';
import { recordHistory } from '../replay/record.ts';
import { eventually, filesReply, openTestTown, type TestTown } from '../support/town.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
let plan: (bead: string) => string;

const plans = (beads: readonly { id: string; title: string; task: string; needs?: string[] }[]): string =>
  `\`\`\`json\n${JSON.stringify({
    title: 'Smaller steps',
    beads: beads.map((bead) => ({ needs: [], files: [`src/${bead.id}.txt`], ...bead })),
  })}\n\`\`\`\n`;

const asked = (bead: string) =>
  town.host.requests.filter(
    ({ model, messages }) => model === 'mayor-model' && JSON.stringify(messages).includes(`TASK-OF-${bead}.`),
  );

beforeAll(async () => {
  town = await openTestTown({
    reply: (bead, { model, messages }) => {
      if (model === 'mayor-model') return plan(bead);
      const text = JSON.stringify(messages);
      if (text.includes('Write the first half')) return filesReply({ 'src/first-half.txt': 'fine\n' });
      return filesReply({ [`src/${bead}.txt`]: bead === 'sibling' ? 'fine\n' : 'BROKEN\n' });
    },
    models: { 'mayor-model': { context: 32_768 } },
    config: (config) => ({
      ...config,
      hosts: { host: { ...(config as { hosts: { host: object } }).hosts.host, coresident: true } },
      models: {
        ...(config['models'] as object),
        chief: { name: 'mayor-model', context: 32_768, tier: 'plans', hosts: ['host'] },
      },
      roles: { mayor: 'chief', polecat: 'model' },
      limits: { bead: { attempts: 1, samples: 1 }, minFreeGiB: 0 },
    }),
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

test('G9, G7: for a blocked bead the mayor is asked once; what it proposes waits on the board, charged, and starts only when accepted', async () => {
  plan = () =>
    plans([
      { id: 'first-half', title: 'Write the first half', task: 'Write the first half of the file.' },
      { id: 'second-half', title: 'Second', task: 'Write the rest.', needs: ['first-half'] },
    ]);
  const { handle } = await town.launch('hard', [
    { id: 'whole' },
    { id: 'after', needs: ['whole'] },
    { id: 'sibling' },
  ]);
  expect(await handle.result()).toMatchObject({ landed: 1, blocked: 1, held: 1 });
  const [request] = asked('whole');
  expect(asked('whole')).toHaveLength(1);
  const prompt = JSON.stringify(request?.messages);
  expect(prompt).toContain('something is BROKEN');
  expect(prompt).toMatch(/src\/whole\.txt \| +1 \+/);
  expect(prompt).toContain('- after (');

  const status = await town.epicStatus('hard');
  const line = status.beads.find(({ bead }) => bead === 'whole');
  expect(line?.failure).toMatchObject({
    type: 'AttemptsExhausted',
    what: expect.stringContaining('gt convoy proposals hard'),
  });
  expect(status.proposals?.map(({ title, from, state }) => ({ title, from, state }))).toEqual([
    { title: 'Write the first half', from: 'whole', state: 'waiting' },
    { title: 'Second', from: 'whole', state: 'waiting' },
  ]);
  const spent = (await handle.result()).usage;
  const beads = status.beads.reduce((sum, { tokens }) => sum + tokens, 0);
  expect(spent.promptTokens + spent.completionTokens).toBeGreaterThan(beads);
  await recordHistory(town.client, workflowId.epic('hard', 'hard'), 'epic-replanned');
  await recordHistory(
    town.client,
    workflowId.replan({ convoy: 'hard', epic: 'hard', bead: 'whole' }),
    'replan',
  );
});

test('a mayor that makes no plan leaves the letter as it would be without one, with the reason', async () => {
  plan = () => 'I would rather not.';
  const { handle } = await town.launch('vain', [{ id: 'alone' }]);
  expect(await handle.result()).toMatchObject({ blocked: 1 });
  expect(asked('alone')).toHaveLength(2);
  const mailbox = () =>
    town.client.workflow
      .getHandle('town')
      .query<{ mailbox: { about: string; failure: { what: string } }[] }>('townStatus');
  const { mailbox: letters } = await eventually(mailbox, (seen) =>
    seen.mailbox.some(({ about }) => about === 'vain/vain/alone'),
  );
  expect(letters.find(({ about }) => about === 'vain/vain/alone')?.failure.what).toContain(
    'The mayor has no other plan for it (PlanRejected',
  );
  expect((await town.epicStatus('vain')).proposals).toBeUndefined();
});

test('a convoy that is cancelled before its mayor has answered ends, and its re-plan with it', async () => {
  plan = () => 'never mind';
  const door = town.holds.hold('composeReplan');
  const { handle } = await town.launch('ends', [{ id: 'stays' }]);
  await door.arrived;
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow();
  const id = workflowId.replan({ convoy: 'ends', epic: 'ends', bead: 'stays' });
  const { status } = await eventually(
    () => town.client.workflow.getHandle(id).describe(),
    (seen) => seen.status.name !== 'RUNNING',
  );
  expect(status.name).toBe('CANCELLED');
});
