import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { launchConvoy } from '../../client/launchConvoy.ts';
import type { TownConfig } from '../../deploy/config/index.ts';
import { parsePlan } from '../../deploy/plan/index.ts';
import { callsOf } from '../../deploy/report/transcripts.ts';
import type { Caps } from '../../workflows/domain/bead/bead.ts';
import { costs } from '../../workflows/domain/budget/costs.ts';
import { costOf, millionths } from '../../workflows/domain/budget/money.ts';
import { spentMoney, type Usage } from '../../workflows/domain/host/model.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { EpicStatus, TownStatus } from '../../workflows/domain/report/report.ts';
import { recordHistory } from '../replay/record.ts';
import { createHeldCalls } from '../support/heldCalls.ts';
import { countTokens } from '../support/model/reply.ts';
import type { ChatCall, Reply } from '../support/modelHost.ts';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const price = { prompt: 2, completion: 10 };
/** What a bead may cost at most with 40,000 tokens. */
const most = 400_000;
const perDay = 4_000_000;

let town: TestTown;
/** What the model says to a bead, one reply after another; the last one again and again. */
const script = new Map<string, ((call: ChatCall) => Reply)[]>();
const held = createHeldCalls();
const { hold } = held;

beforeAll(async () => {
  town = await openTestTown({
    reply: async (bead, call) => {
      await held.answer(bead);
      const replies = script.get(bead) ?? [];
      const reply = (replies.length > 1 ? replies.shift() : replies[0]) ?? costing(500, bead);
      return reply(call);
    },
    config: (config) => ({
      ...config,
      // What is tested here are numbers, not walls.
      sandbox: 'off',
      town: { ...(config['town'] as object), budget: { moneyPerDay: perDay / 1e6, currency: 'EUR' } },
      models: { model: { ...(config['models'] as { model: object }).model, price } },
      notify: { command: 'cat >> "$GASTOWN_MONEY_TEST"' },
    }),
  });
  process.env['GASTOWN_MONEY_TEST'] = join(town.folder, 'told.md');
});
afterAll(async () => {
  delete process.env['GASTOWN_MONEY_TEST'];
  await town?.[Symbol.asyncDispose]();
});

/** A reply of so many tokens. */
const costing =
  (tokens: number, bead: string, text = `${bead}\n`) =>
  (call: ChatCall): Reply => ({
    text: filesReply({ [`src/${bead}.txt`]: text }),
    usage: { prompt_tokens: countTokens(call), completion_tokens: tokens },
  });

interface Limits {
  readonly caps?: Partial<Caps>;
  readonly moneyPerConvoy?: number;
  readonly tokensPerConvoy?: number;
  readonly maxParallel?: number;
}

const launch = (
  convoy: string,
  beads: readonly { readonly id: string; readonly needs?: string[] }[],
  limits: Limits = {},
) => launchPlan(convoy, { beads: beads.map(planned) }, limits);

const planned = (bead: { readonly id: string; readonly needs?: string[] }) => ({
  ...bead,
  title: bead.id,
  task: `TASK-OF-${bead.id}.`,
});

const launchPlan = (convoy: string, what: object, limits: Limits = {}) => {
  const { caps, ...other } = limits;
  const config: TownConfig = {
    ...town.config,
    limits: {
      ...town.config.limits,
      ...other,
      caps: { ...town.config.limits.caps, tokens: 40_000, ...caps },
    },
  };
  const plan = parsePlan(stringify({ convoy, ...what }), join(town.folder, `${convoy}.yaml`), config);
  return launchConvoy({ client: town.client, config, plan, pace: town.pace });
};

const update = (id: string, name: string, argument: unknown): Promise<unknown> =>
  town.client.workflow.getHandle(id).executeUpdate(name, { args: [argument] });
const townStatus = (): Promise<TownStatus> =>
  town.client.workflow.getHandle(workflowId.town).query('townStatus');
const lineOf = async (convoy: string, bead: string) =>
  (await town.epicStatus(convoy)).beads.find((line) => line.bead === bead);
const told = (): Promise<string> => readFile(join(town.folder, 'told.md'), 'utf8').catch(() => '');
const isPriced = (usage: Usage): void => expect(spentMoney(usage)).toBe(costOf(usage, price));

describe.concurrent('the money of a bead', () => {
  test('G7: a bead that has used it up makes no more calls, says how to raise it, and goes on when that is done', async () => {
    script.set('dear', [costing(3_000, 'dear', 'BROKEN\n'), costing(500, 'dear')]);
    const epic = workflowId.epic('cap-money', 'cap-money');
    const go = hold('dear');
    const { handle } = await launch('cap-money', [{ id: 'dear' }, { id: 'beside' }], {
      caps: { money: 20_000 },
      maxParallel: 1,
    });
    await town.called('dear');
    // An epic with a bead that waits is open, so that the other can be tried again.
    await update(epic, 'pause', { reason: 'one at a time' });
    go();
    const blocked = await patiently(
      () => lineOf('cap-money', 'dear'),
      (line) => line?.state === 'blocked',
    );
    expect(blocked?.failure).toMatchObject({
      type: 'BudgetExhausted',
      what: 'The bead has used up its money.',
      next: expect.stringContaining('gt resume cap-money/cap-money/dear --money N') as string,
    });
    expect(blocked?.money).toBeGreaterThan(30_000);
    await update(epic, 'retryBead', { bead: 'dear', raise: { money: 20_000 } });
    await update(epic, 'resume', {});
    expect(await handle.result()).toMatchObject({ landed: 2, blocked: 0 });
    expect((await town.beadStatus('cap-money', 'dear')).caps.money).toBe(40_000);
  });

  test('G7: failed and cut calls cost money like good ones, and each leaves its line', async () => {
    script.set('unlucky', [
      () => ({ fault: 'cut', text: 'src/unlucky.txt\n```\nhalf a' }),
      () => ({ text: 'no file in it', usage: { prompt_tokens: 900, completion_tokens: 70 } }),
      costing(500, 'unlucky'),
    ]);
    const { handle } = await launch('luck', [{ id: 'unlucky' }]);
    expect(await handle.result()).toMatchObject({ landed: 1 });
    const { usage } = (await town.beadStatus('luck', 'unlucky')).spent;
    expect(usage.calls).toBe(3);
    isPriced(usage);
    const found = costs(await callsOf(town.config.home, 'luck'));
    expect(found.total).toMatchObject({ calls: 3, failed: 1, money: spentMoney(usage) });
    expect(found.beads.map(({ name }) => name)).toEqual(['luck/luck/unlucky']);
  });
});

describe.concurrent('the money of a convoy', () => {
  test('beads wait for it and the epic says so; a warning is told once for each budget; raising it goes on', async () => {
    script.set('big', [costing(41_000, 'big')]);
    const { handle } = await launch('poor', [{ id: 'big' }, { id: 'small', needs: ['big'] }], {
      moneyPerConvoy: 500_000,
    });
    const { paused } = await patiently(
      () => town.epicStatus('poor'),
      (status) => status.beads[0]?.state === 'landed' && status.paused?.includes('only 0.0') === true,
    );
    expect(paused).toMatch(
      /^of the 0\.50 EUR of this convoy only 0\.0\d+ EUR are left for another bead; a bead may cost 0\.40 EUR and starts with no less than 0\.10 EUR: gt budget raise poor --money AMOUNT$/,
    );
    expect((await lineOf('poor', 'small'))?.state).toBe('pending');
    const status = await patiently(
      () => town.convoyStatus('poor'),
      ({ money }) => (money?.spent ?? 0) > 410_000,
    );
    expect(status).toMatchObject({ money: { granted: 500_000 }, currency: 'EUR' });
    const mail = await patiently(told, (text) => text.includes('The budget of convoy poor'));
    expect(mail).toContain('is used to 8');
    expect(mail).toContain('gt budget raise poor --money AMOUNT');

    await expect(update(workflowId.convoy('poor'), 'raiseMoney', 0.5)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('whole number of millionths') as string },
    });
    expect(await update(workflowId.convoy('poor'), 'raiseMoney', most)).toBe(900_000);
    expect(await handle.result()).toMatchObject({ landed: 2 });
    const { money } = await town.convoyStatus('poor');
    expect(money?.granted).toBe(900_000);
    expect((await told()).split('BudgetNear. The budget of convoy poor is used').length - 1).toBe(1);
    await recordHistory(town.client, workflowId.convoy('poor'), 'convoy-money-raised');
    await recordHistory(town.client, workflowId.epic('poor', 'poor'), 'epic-money-raised');
  });

  test('G7: with less left than a bead may cost, beads start one at a time, each with what is left as its cap', async () => {
    const { handle, note } = await launch('scant', [{ id: 'first' }, { id: 'second' }], {
      moneyPerConvoy: 250_000,
    });
    expect(note).toContain('The budget of 0.25 EUR is smaller than what one bead may cost, 0.40 EUR');
    expect(await handle.result()).toMatchObject({ landed: 2 });
    const statuses = await Promise.all(['first', 'second'].map((bead) => town.beadStatus('scant', bead)));
    const caps = statuses.map((status) => status.caps.money ?? 0).toSorted((a, b) => a - b);
    expect(caps[1]).toBe(250_000);
    const sums = statuses.map(({ spent }) => spentMoney(spent.usage));
    expect(sums.map((sum) => 250_000 - sum)).toContain(caps[0]);
  });

  test('money and tokens are granted together or not at all', async () => {
    const { handle } = await launch('both', [{ id: 'left' }, { id: 'right' }], {
      tokensPerConvoy: 200_000,
      // One bead at a time, although there are tokens for both.
      moneyPerConvoy: most + 200_000,
    });
    expect(await handle.result()).toMatchObject({ landed: 2 });
    const { tokens, money } = await town.convoyStatus('both');
    const spent = await Promise.all(['left', 'right'].map((bead) => town.beadStatus('both', bead)));
    const sum = (of: (usage: Usage) => number): number =>
      spent.reduce((all, one) => all + of(one.spent.usage), 0);
    expect(tokens.spent).toBe(sum(({ promptTokens, completionTokens }) => promptTokens + completionTokens));
    expect(money?.spent).toBe(sum(spentMoney));
  });

  test('an epic to which the plan gives a part of it waits when that is used up, and the one beside it goes on', async () => {
    script.set('greedy', [costing(41_000, 'greedy')]);
    const { handle } = await launchPlan('parts', {
      epics: [
        {
          id: 'poor',
          budget: { tokens: 50_000 },
          beads: [{ id: 'greedy' }, { id: 'waits', needs: ['greedy'] }].map(planned),
        },
        { id: 'rich', beads: [{ id: 'free' }].map(planned) },
      ],
    });
    const status = () =>
      town.client.workflow.getHandle(workflowId.epic('parts', 'poor')).query<EpicStatus>('epicStatus');
    const { paused } = await patiently(
      status,
      // What it spent beyond its cap is in the books when it has cleaned up.
      (one) => /of this epic only \d,\d/.test(one.paused ?? ''),
    );
    expect(paused).toMatch(
      /^of the 50,000 tokens of this epic only \d,\d+ are left for another bead; .*: gt budget raise parts\/poor N$/,
    );
    const known = await patiently(
      () => town.convoyStatus('parts'),
      ({ epics }) => epics.some(({ epic, beads }) => epic === 'rich' && beads[0]?.state === 'landed'),
    );
    expect(known.epicBudgets?.['poor']?.tokens).toMatchObject({ granted: 50_000 });
    expect(known.epicBudgets?.['poor']?.tokens?.spent).toBeGreaterThan(41_000);
    await patiently(told, (text) => text.includes('BudgetNear. The budget of epic parts/poor is used to 8'));

    const convoy = workflowId.convoy('parts');
    await expect(update(convoy, 'raiseEpic', { epic: 'rich', tokens: 5 })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('no budget of tokens of its own') as string },
    });
    await expect(update(convoy, 'raiseEpic', { epic: 'poor', tokens: -5 })).rejects.toThrow();
    expect(await update(convoy, 'raiseEpic', { epic: 'poor', tokens: 40_000 })).toEqual({ tokens: 90_000 });
    expect(await handle.result()).toMatchObject({ landed: 3 });
    await recordHistory(town.client, convoy, 'convoy-epic-budget-raised');
  });

  test('G10: a budget with which no bead could start is refused at launch, with the figures', async () => {
    await expect(launch('hopeless', [{ id: 'one' }], { moneyPerConvoy: 90_000 })).rejects.toMatchObject({
      code: 2,
      trouble: {
        type: 'BudgetTooSmall',
        evidence: expect.stringContaining('no less than a quarter, 0.10 EUR') as string,
      },
    });
  });
});

describe('the money of the day', () => {
  test('a convoy waits when the day has too little left, and goes on with what another gives back', async () => {
    const before = (await townStatus()).money?.granted ?? 0;
    const go = hold('hog');
    const tokens = Math.floor((perDay - before - 200_000) / price.completion);
    const hog = await launch('hoard', [{ id: 'hog' }], { caps: { tokens } });
    await town.called('hog');
    const late = await launch('late', [{ id: 'tardy' }]);
    const { paused } = await patiently(
      () => town.epicStatus('late'),
      (status) => status.paused !== undefined,
    );
    expect(paused).toContain('no money left for another bead in the budget of the day');
    expect(paused).toContain('gt budget raise-day --money AMOUNT');
    go();
    expect(await hog.handle.result()).toMatchObject({ landed: 1 });
    expect(await late.handle.result()).toMatchObject({ landed: 1 });
  });

  test('a person is warned once when it is nearly spent; raising it lets the waiting go on at once', async () => {
    script.set('whale', [costing(250_000, 'whale')]);
    const whale = await launch('sea', [{ id: 'whale' }], { caps: { tokens: 260_000 } });
    expect(await whale.handle.result()).toMatchObject({ landed: 1 });
    const near = await patiently(told, (text) => text.includes('The budget of the day is used to'));
    expect(near).toContain('gt budget raise-day --money AMOUNT');
    expect((await townStatus()).money).toMatchObject({ perDay });

    const { handle } = await launch('monster', [{ id: 'huge' }], { caps: { tokens: 100_000 } });
    await patiently(
      () => town.epicStatus('monster'),
      (status) => status.paused?.includes('raise-day') === true,
    );
    expect(await update(workflowId.town, 'raiseMoney', perDay)).toBe(2 * perDay);
    expect(await handle.result()).toMatchObject({ landed: 1 });
    const now = await townStatus();
    expect(now.money?.perDay).toBe(2 * perDay);
    expect(now.money?.granted).toBeGreaterThan(millionths(2));
    expect((await told()).split('BudgetNear. The budget of the day is used').length - 1).toBe(1);
    await recordHistory(town.client, workflowId.town, 'town-money-raised');
  });
});
