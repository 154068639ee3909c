import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { launchConvoy } from '../../client/launchConvoy.ts';
import type { TownConfig } from '../../deploy/config/index.ts';
import { parsePlan } from '../../deploy/plan/index.ts';
import type { Caps } from '../../workflows/domain/bead/bead.ts';
import { totalTokens } from '../../workflows/domain/host/model.ts';
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

const perDay = 400_000;
let town: TestTown;
/** What the model says to a bead, one reply after another; the last one again and again. */
const script = new Map<string, ((call: ChatCall) => Reply)[]>();
/** Calls of these beads wait until the test lets them go. */
const held = createHeldCalls();
const { hold } = held;

beforeAll(async () => {
  town = await openTestTown({
    reply: async (bead, call) => {
      await held.answer(bead);
      const replies = script.get(bead) ?? [];
      const reply = (replies.length > 1 ? replies.shift() : replies[0]) ?? costing(1_000, bead);
      return reply(call);
    },
    config: (config) => ({
      ...config,
      // What is tested here are numbers, not walls.
      sandbox: 'off',
      town: { ...(config['town'] as object), budget: { tokensPerDay: perDay } },
    }),
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

/** A reply for which the server reports so many tokens, prompt and reply together. */
const costing =
  (tokens: number, bead: string, text = `${bead}\n`) =>
  (call: ChatCall): Reply => {
    const prompt = countTokens(call);
    return {
      text: filesReply({ [`src/${bead}.txt`]: text }),
      usage: { prompt_tokens: prompt, completion_tokens: tokens - prompt },
    };
  };

interface Limits {
  readonly caps?: Partial<Caps>;
  readonly tokensPerConvoy?: number;
  readonly maxParallel?: number;
}

/** Launches a convoy under limits of its own. */
const launch = (convoy: string, beads: readonly PlannedBead[], limits: Limits) =>
  launchPlan(convoy, { beads: beads.map(planned) }, limits);

/** The same with an epic for each bead, none of which needs another. */
const launchEpics = (convoy: string, ids: readonly string[], limits: Limits) =>
  launchPlan(convoy, { epics: ids.map((id) => ({ id, title: id, beads: [planned({ id })] })) }, limits);

interface PlannedBead {
  readonly id: string;
  readonly needs?: string[];
}

const planned = (bead: PlannedBead) => ({ ...bead, title: bead.id, task: `TASK-OF-${bead.id}.` });

const launchPlan = (convoy: string, what: object, limits: Limits) => {
  const { caps, ...other } = limits;
  const config: TownConfig = {
    ...town.config,
    limits: {
      ...town.config.limits,
      ...other,
      caps: { ...town.config.limits.caps, tokens: 40_000, ...caps },
    },
  };
  const text = stringify({ convoy, ...what });
  const plan = parsePlan(text, join(town.folder, `${convoy}.yaml`), config);
  return launchConvoy({ client: town.client, config, plan, pace: town.pace });
};

const update = (id: string, name: string, argument: unknown): Promise<unknown> =>
  town.client.workflow.getHandle(id).executeUpdate(name, { args: [argument] });
const retry = (convoy: string, bead: string, raise: Partial<Caps>) =>
  update(workflowId.epic(convoy, convoy), 'retryBead', { bead, raise });
const lineOf = async (convoy: string, bead: string) =>
  (await town.epicStatus(convoy)).beads.find((line) => line.bead === bead);
const townStatus = (): Promise<TownStatus> =>
  town.client.workflow.getHandle(workflowId.town).query('townStatus');

/** Waits until one of these epics has been told how to get the tokens that it lacks. */
const refusedOne = (convoy: string, epics: readonly string[], next: string) =>
  patiently(
    () =>
      Promise.all(
        epics.map((epic) =>
          town.client.workflow.getHandle(workflowId.epic(convoy, epic)).query<EpicStatus>('epicStatus'),
        ),
      ),
    (boards) => boards.some(({ paused }) => paused?.includes(next) === true),
  );

describe.concurrent('G7: a bead that has used up a cap makes no more calls, says how to raise it, and goes on when that is done', () => {
  const spentOut: Readonly<
    Record<
      string,
      {
        caps: Partial<Caps>;
        replies: ((call: ChatCall) => Reply)[];
        raise: Partial<Caps>;
        noun: string;
        flag: string;
      }
    >
  > = {
    turns: {
      caps: { turns: 1 },
      replies: [costing(1_000, 'turns', 'BROKEN\n'), costing(1_000, 'turns')],
      raise: { turns: 2 },
      noun: 'turns',
      flag: '--turns',
    },
    tokens: {
      caps: { tokens: 2_000 },
      replies: [costing(2_500, 'tokens', 'BROKEN\n'), costing(1_000, 'tokens')],
      raise: { tokens: 5_000 },
      noun: 'tokens',
      flag: '--tokens',
    },
    minutes: {
      caps: { wallMs: 4_000 },
      replies: [() => ({ fault: 'stallFirst' }), costing(1_000, 'minutes')],
      raise: { wallMs: 60_000 },
      noun: 'time',
      flag: '--minutes',
    },
  };

  test.each(Object.entries(spentOut))('%s', async (id, { caps, replies, raise, noun, flag }) => {
    const prompts: string[] = [];
    script.set(
      id,
      replies.map((reply) => (call: ChatCall) => {
        prompts.push(JSON.stringify(call.messages));
        return reply(call);
      }),
    );
    const convoy = `cap-${id}`;
    const epic = workflowId.epic(convoy, convoy);
    const go = hold(id);
    const { handle } = await launch(convoy, [{ id }, { id: `beside-${id}` }], { caps, maxParallel: 1 });
    await town.called(id);
    // An epic with a bead that waits is open, so that the other can be tried again.
    await update(epic, 'pause', { reason: 'one at a time' });
    go();
    const blocked = await patiently(
      () => lineOf(convoy, id),
      (line) => line?.state === 'blocked',
    );
    expect(blocked?.failure).toMatchObject({
      type: 'BudgetExhausted',
      what: `The bead has used up its ${noun}.`,
      next: expect.stringContaining(`gt resume ${convoy}/${convoy}/${id} ${flag} N`),
    });
    expect(blocked?.tokens).toBeGreaterThan(0);
    expect(await retry(convoy, id, raise)).toContain('starts again');
    await update(epic, 'resume', {});
    expect(await handle.result()).toMatchObject({ landed: 2, blocked: 0 });
    // The branch is gone on with: what was written before the cap is before the model's eyes.
    if (noun !== 'time') expect(prompts.at(-1)).toContain('BROKEN');
    expect((await town.beadStatus(convoy, id)).caps).toMatchObject(
      Object.fromEntries(
        Object.entries(raise).map(([cap, more]) => [cap, (caps[cap as keyof Caps] ?? 0) + more]),
      ),
    );
    await recordHistory(town.client, workflowId.epic(convoy, convoy), `epic-cap-${id}-raised`);
  });

  test('a call that goes over the cap and brings good work: the work lands', async () => {
    script.set('dear', [costing(5_000, 'dear')]);
    const { handle } = await launch('over', [{ id: 'dear' }], { caps: { tokens: 2_000 } });
    expect(await handle.result()).toMatchObject({ landed: 1 });
    const { spent } = await town.beadStatus('over', 'dear');
    expect(totalTokens(spent.usage)).toBe(5_000);
  });
});

describe.concurrent('the budget of a convoy', () => {
  test('beads wait for tokens and the epic says so; raiseBudget lets them go on', async () => {
    // So little is left that no bead may begin with it.
    script.set('big', [costing(41_000, 'big')]);
    const { handle } = await launch('tight', [{ id: 'big' }, { id: 'small', needs: ['big'] }], {
      tokensPerConvoy: 50_000,
    });
    const { paused } = await patiently(
      () => town.epicStatus('tight'),
      // What it spent beyond its cap is in the books when it has cleaned up.
      (status) => status.beads[0]?.state === 'landed' && status.paused?.includes('9,000') === true,
    );
    expect(paused).toBe(
      'of the 50,000 tokens of this convoy only 9,000 are left for another bead; a bead may use 40,000 tokens and starts with no less than 10,000: gt budget raise tight N',
    );
    expect((await lineOf('tight', 'small'))?.state).toBe('pending');
    await expect(update(workflowId.convoy('tight'), 'raiseBudget', -1)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('above 0') as string },
    });
    expect(await update(workflowId.convoy('tight'), 'raiseBudget', 25_000)).toBe(75_000);
    expect(await handle.result()).toMatchObject({ landed: 2 });
    expect((await town.convoyStatus('tight')).tokens).toEqual({ granted: 75_000, spent: 42_000 });
    await recordHistory(town.client, workflowId.convoy('tight'), 'convoy-budget-raised');
    await recordHistory(town.client, workflowId.epic('tight', 'tight'), 'epic-budget-raised');
  });

  test('what a bead did not spend is there for the next: a refusal is not for ever', async () => {
    // Both may start, but only one is funded; when it ends far below its cap, there is enough for the other.
    const { handle } = await launch('thrifty', [{ id: 'left' }, { id: 'right' }], {
      tokensPerConvoy: 60_000,
    });
    expect(await handle.result()).toMatchObject({ landed: 2 });
  });

  test('what an epic did not spend is there for the one beside it that was refused', async () => {
    const ids = ['upper', 'lower'];
    const go = hold(...ids);
    const { handle } = await launchEpics('floors', ids, { tokensPerConvoy: 45_000 });
    await refusedOne('floors', ids, 'gt budget raise floors');
    go();
    expect(await handle.result()).toMatchObject({ landed: 2 });
    await recordHistory(town.client, workflowId.convoy('floors'), 'convoy-passes-tokens-on');
  });

  test('G7: with less left than a bead may use, beads start one at a time, each with what is left as its cap', async () => {
    script.set('first', [costing(8_000, 'first')]);
    const { handle, note } = await launch('scant', [{ id: 'first' }, { id: 'second' }], {
      tokensPerConvoy: 25_000,
    });
    expect(note).toContain('The budget of 25,000 tokens is smaller than what one bead may use, 40,000');
    expect(await handle.result()).toMatchObject({ landed: 2 });
    const caps = async (bead: string) => (await town.beadStatus('scant', bead)).caps.tokens;
    expect(new Set([await caps('first'), await caps('second')])).toEqual(new Set([17_000, 25_000]));
    expect((await town.convoyStatus('scant')).tokens).toEqual({ granted: 25_000, spent: 9_000 });
  });

  test('G10: a budget with which no bead could start is refused at launch, with the figures', async () => {
    await expect(launch('hopeless', [{ id: 'one' }], { tokensPerConvoy: 9_999 })).rejects.toMatchObject({
      code: 2,
      trouble: { type: 'BudgetTooSmall', next: expect.stringContaining('--tokens 10000') as string },
    });
  });

  test('a convoy without a budget has nothing to raise, and says so', async () => {
    const go = hold('free');
    const { handle } = await launch('unlimited', [{ id: 'free' }], {});
    await expect(update(workflowId.convoy('unlimited'), 'raiseBudget', 1_000)).rejects.toMatchObject({
      cause: {
        message: expect.stringContaining('no budget of its own') as string,
        details: [{ next: expect.stringContaining('gt budget raise-day N') as string }],
      },
    });
    go();
    await handle.result();
  });
});

describe('the budget of the day', () => {
  test('a convoy waits when the day has nothing left, and goes on with what another gives back', async () => {
    const go = hold('hog');
    const hog = await launch('hoard', [{ id: 'hog' }], { caps: { tokens: perDay - 90_000 } });
    await patiently(
      () => town.beadStatus('hoard', 'hog'),
      ({ state }) => state === 'inferring',
    );
    const late = await launch('late', [{ id: 'tardy' }], { caps: { tokens: 100_000 } });
    const { paused } = await patiently(
      () => town.epicStatus('late'),
      (status) => status.paused !== undefined,
    );
    expect(paused).toContain('gt budget raise-day');
    expect((await lineOf('late', 'tardy'))?.state).toBe('pending');
    go();
    expect(await hog.handle.result()).toMatchObject({ landed: 1 });
    expect(await late.handle.result()).toMatchObject({ landed: 1 });
  });

  test('an epic need not wait for tomorrow for what the one beside it has left', async () => {
    const ids = ['early', 'later'];
    const go = hold(...ids);
    const { handle } = await launchEpics('shifts', ids, { caps: { tokens: perDay - 90_000 } });
    await refusedOne('shifts', ids, 'gt budget raise-day');
    go();
    expect(await handle.result()).toMatchObject({ landed: 2 });
  });

  test('G7: a convoy that is cancelled gives back what it did not spend, and is charged for what it did', async () => {
    const before = (await townStatus()).tokens.granted;
    const go = hold('quit');
    const { handle } = await launch('quitting', [{ id: 'quit' }, { id: 'unborn', needs: ['quit'] }], {
      caps: { tokens: 100_000 },
    });
    await town.called('quit');
    expect((await townStatus()).tokens.granted).toBe(before + 100_000);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    go();
    const spent = totalTokens((await town.beadStatus('quitting', 'quit')).spent.usage);
    expect(spent).toBeGreaterThan(0);
    const { tokens } = await patiently(townStatus, (status) => status.tokens.granted < before + 100_000);
    expect(tokens.granted).toBe(before + spent);
  });

  test('raiseBudget to the town lets the waiting go on at once', async () => {
    const before = await townStatus();
    expect(before.tokens.perDay).toBe(perDay);
    // Only what was spent counts against the day when everything has ended.
    expect(before.tokens.granted).toBeLessThan(100_000);

    const { handle } = await launch('monster', [{ id: 'huge' }], { caps: { tokens: 600_000 } });
    await patiently(
      () => town.epicStatus('monster'),
      (status) => status.paused?.includes('raise-day') === true,
    );
    expect(await update(workflowId.town, 'raiseBudget', 400_000)).toBe(800_000);
    expect(await handle.result()).toMatchObject({ landed: 1 });
    expect((await townStatus()).tokens.perDay).toBe(800_000);
    await recordHistory(town.client, workflowId.town, 'town-budget-raised');
  });
});
