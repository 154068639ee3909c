import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { exitCode } from '../../client/exitCodes.ts';
import { createHeldCalls } from '../support/heldCalls.ts';
import { countTokens } from '../support/model/reply.ts';
import { eventually, filesReply, type TestTown } from '../support/town.ts';
import { gt, type Ran } from './gtProcess.ts';
import { openGtTown } from './gtTown.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
const held = createHeldCalls();

beforeAll(async () => {
  town = await openGtTown({
    reply: async (bead, call) => {
      await held.answer(bead);
      return {
        text: filesReply({ [`src/${bead}.txt`]: `${bead}\n` }),
        usage: { prompt_tokens: countTokens(call), completion_tokens: bead === 'dear' ? 41_000 : 500 },
      };
    },
    config: (config) => ({
      ...config,
      town: { ...(config['town'] as object), budget: { moneyPerDay: 9, currency: 'EUR' } },
      models: {
        model: { ...(config['models'] as { model: object }).model, price: { prompt: 2, completion: 10 } },
      },
      limits: { ...(config['limits'] as object), bead: { tokens: 40_000 } },
    }),
  });
});
afterAll(async () => {
  held.releaseAll();
  await town?.[Symbol.asyncDispose]();
});

const run = (...args: string[]): Promise<Ran> => gt(args, town.folder);

const planOf = async (convoy: string, what: object): Promise<string> => {
  const file = join(town.folder, `${convoy}.yaml`);
  await writeFile(file, stringify({ convoy, ...what }));
  return file;
};

const bead = (id: string, needs: readonly string[] = []) => ({
  id,
  title: id,
  task: `TASK-OF-${id}.`,
  needs: [...needs],
});

test('a convoy whose money is used up says so everywhere, goes on when it is raised, and its costs add up', async () => {
  const plan = await planOf('market', { beads: [bead('dear'), bead('cheap', ['dear'])] });
  const tiny = await run('convoy', 'launch', plan, '--money', '0.05');
  expect(tiny.code).toBe(exitCode.badInput);
  expect(tiny.err).toContain('The budget of this convoy, 0.05 EUR, is smaller than what one bead');
  expect((await run('convoy', 'launch', plan, '--money', 'much')).code).toBe(exitCode.badInput);
  expect((await run('convoy', 'launch', plan, '--money', '0.5')).code).toBe(exitCode.ok);
  await eventually(
    () => town.epicStatus('market'),
    ({ paused }) => paused?.includes('only 0.0') === true,
  );

  const status = await run('convoy', 'status', 'market');
  expect(status.out).toMatch(/0\.4\d of 0\.50 EUR/);
  expect(status.out).toContain('gt budget raise market --money AMOUNT');
  expect((await run('status')).out).toContain('The budget of market is used to 8');
  expect((await run('problems')).out).toContain('The convoy has used 0.4');
  const shown = await run('budget', 'show');
  expect(shown.out).toMatch(/the day +0\.\d+ of 9\.00 EUR/);
  expect(shown.out).toMatch(/market +0\.4\d of 0\.50 EUR +8\d % +gt budget raise market --money AMOUNT/);
  expect(JSON.parse((await run('budget', 'show', '--json')).out).data.convoys).toMatchObject([
    { convoy: 'market', budgets: [{ of: 'money', granted: 500_000, near: true }] },
  ]);

  const nothing = await run('budget', 'raise', 'market');
  expect(nothing.code).toBe(exitCode.badInput);
  expect(nothing.err).toContain('Say how much is to be added.');
  expect((await run('budget', 'raise', 'market', '5000')).err).toContain('no budget of its own');
  const raised = await run('budget', 'raise', 'market', '--money', '0.40');
  expect(raised.out).toBe('Convoy market may now spend 0.90 EUR.');
  expect((await run('budget', 'raise-day', '--money', '1')).out).toContain('10.00 EUR a day');
  await town.client.workflow.getHandle('convoy/market').result();

  const costs = await run('costs', 'market');
  expect(costs.out).toMatch(/^Costs of convoy market\n2 calls, /);
  expect(costs.out).toMatch(/\nmarket\/dear +1 /);
  const { total, roles, models, beads } = JSON.parse((await run('costs', 'market', '--json')).out).data;
  for (const rows of [roles, models, beads] as { money: number }[][])
    expect(rows.reduce((sum, { money }) => sum + money, 0)).toBe(total.money);
  const spent = await Promise.all(['dear', 'cheap'].map((id) => town.beadStatus('market', id)));
  expect(spent.reduce((sum, { spent: { usage } }) => sum + (usage.money ?? 0), 0)).toBe(total.money);
  expect((await run('report', 'market')).out).toMatch(/0\.4\d EUR of 0\.90 EUR/);
  expect((await run('bead', 'show', 'market/market/dear')).out).toMatch(/money +0\.4/);
});

test('an epic with a part of the budget is raised by its name', async () => {
  const go = held.hold('inner');
  const plan = await planOf('parts', {
    epics: [{ id: 'core', budget: { tokens: 90_000, money: 2 }, beads: [bead('inner')] }],
  });
  expect((await run('convoy', 'launch', plan)).code).toBe(exitCode.ok);
  await town.called('inner');
  expect((await run('budget', 'raise', 'parts/core', '10000', '--money', '0.5')).out).toBe(
    'Epic parts/core may now spend 100,000 tokens.\nEpic parts/core may now spend 2.50 EUR.',
  );
  expect((await run('budget', 'raise', 'parts/none', '10000')).err).toContain(
    'The convoy parts has no epic none.',
  );
  expect((await run('budget', 'show')).out).toMatch(/parts\/core +.* of 100\.0k tokens/);
  go();
  expect(await town.client.workflow.getHandle('convoy/parts').result()).toMatchObject({ landed: 1 });
});
