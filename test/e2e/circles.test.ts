import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { totalTokens } from '../../workflows/domain/host/model.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { recordHistory } from '../replay/record.ts';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
let count = 0;

const promptsOf = (bead: string) =>
  town.host.requests
    .filter((call) => JSON.stringify(call.messages).includes(`TASK-OF-${bead}.`))
    .map(({ model, messages }) => ({ model, text: messages.map(({ content }) => content).join('\n') }));

beforeAll(async () => {
  town = await openTestTown({
    reply: (bead, { model }) => {
      const good = filesReply({ [`src/${bead}.txt`]: `by ${model}\n` });
      const nth = promptsOf(bead).length;
      switch (bead) {
        case 'repeats':
          return model === 'large-model' ? good : 'I have done it, all works.';
        case 'in-vain':
          return 'Done!';
        case 'listens':
          return nth <= 2 ? filesReply({ [`src/${bead}.txt`]: 'BROKEN\n' }) : good;
        case 'varies':
          return filesReply({ [`src/${bead}.txt`]: nth < 5 ? `BROKEN ${count++}\n` : 'fine\n' });
        default:
          return good;
      }
    },
    models: { 'large-model': { context: 32_768 } },
    config: (config) => ({
      ...config,
      sandbox: 'off',
      hosts: { host: { ...(config as { hosts: { host: object } }).hosts.host, coresident: true } },
      models: {
        ...(config['models'] as object),
        large: { name: 'large-model', context: 32_768, tier: 'large', hosts: ['host'] },
      },
      roles: { polecat: { default: ['model', 'large'], small: 'model' } },
      limits: { maxParallel: 8, bead: { attempts: 40, turns: 40, samples: 1 } },
    }),
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

test('a model that repeats itself is told so, starts afresh, and then the next one lands the bead; G6: nobody was asked', async () => {
  const { handle } = await town.launch('circles', [{ id: 'repeats' }, { id: 'listens' }, { id: 'plain' }]);
  expect(await handle.result()).toMatchObject({ landed: 3 });

  const repeats = promptsOf('repeats');
  expect(repeats.map(({ model }) => model)).toEqual([...Array(5).fill('test-model'), 'large-model']);
  const nudged = repeats.map(({ text }) => text.includes('exactly this reply 2 times'));
  expect(nudged).toEqual([false, false, true, false, false, false]);
  expect(await town.beadStatus('circles', 'repeats')).toMatchObject({
    state: 'landed',
    model: 'large',
    // A fresh conversation, and then the next model with one of its own.
    conversation: 3,
    handover: expect.stringMatching(/^large takes over: /),
    stall: expect.stringContaining('the next model'),
  });

  // One word was enough for the other.
  expect(promptsOf('listens')).toHaveLength(3);
  expect(promptsOf('listens').at(-1)?.text).toContain('exactly this reply 2 times');
  expect((await town.beadStatus('circles', 'plain')).stall).toBeUndefined();
  const id = workflowId.bead({ convoy: 'circles', epic: 'circles', bead: 'repeats' });
  await recordHistory(town.client, id, 'bead-in-circles');
});

test('a bead that no remedy helps is blocked after few turns, with what it did; its siblings land', async () => {
  const { handle } = await town.launch('vain', [{ id: 'in-vain', tier: 'small' }, { id: 'sibling' }]);
  expect(await handle.result()).toMatchObject({ landed: 1, blocked: 1 });
  expect(promptsOf('in-vain').length).toBeLessThanOrEqual(5);
  const { spent, caps } = await town.beadStatus('vain', 'in-vain');
  expect(totalTokens(spent.usage)).toBeLessThan(caps.tokens);
  const [line] = (await town.convoyStatus('vain')).epics[0]?.beads ?? [];
  expect(line?.failure).toMatchObject({
    type: 'Stalled',
    what: expect.stringContaining('the same reply'),
    evidence: expect.stringContaining('ReplyMalformed'),
    next: expect.stringContaining('gt bead log vain/vain/in-vain'),
  });
});

test('attempts that differ are left to go on to the cap, however often they fail', async () => {
  const { handle } = await town.launch('tries', [{ id: 'varies' }]);
  expect(await handle.result()).toMatchObject({ landed: 1 });
  expect(promptsOf('varies')).toHaveLength(5);
});
