import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { launchConvoy } from '../../client/launchConvoy.ts';
import { type Plan, parsePlan } from '../../deploy/plan/index.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { recordHistory } from '../replay/record.ts';
import { createHeldCalls } from '../support/heldCalls.ts';
import { filesReply, openTestTown, type TestBead, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
/** Calls of these beads wait until the test lets them go. */
const held = createHeldCalls();
const { hold } = held;
/** Beads whose change breaks the gate, by the model that writes it. */
const hard = new Map<string, readonly string[]>();

beforeAll(async () => {
  town = await openTestTown({
    reply: async (bead, call) => {
      await held.answer(bead);
      const fails = hard.get(bead)?.includes(call.model) === true;
      return filesReply({ [`src/${bead}.txt`]: fails ? `BROKEN ${count++}\n` : `by ${call.model}\n` });
    },
    models: { 'large-model': { context: 32_768 } },
    config: (config) => ({
      ...config,
      // What is tested here are starts and ends, not walls.
      sandbox: 'off',
      hosts: {
        host: {
          ...(config as { hosts: { host: object } }).hosts.host,
          coresident: true,
        },
      },
      models: {
        ...(config['models'] as object),
        large: { name: 'large-model', context: 32_768, tier: 'large', hosts: ['host'] },
      },
      roles: { polecat: { default: ['model', 'large'], small: 'model' } },
      limits: { maxParallel: 8, bead: { attempts: 2 } },
    }),
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

let count = 0;

const modelsOf = (bead: string): string[] =>
  town.host.requests
    .filter((call) => JSON.stringify(call.messages).includes(`TASK-OF-${bead}.`))
    .map(({ model }) => model);

const texts = (beads: readonly TestBead[]) =>
  beads.map((bead) => ({ title: bead.id, task: `TASK-OF-${bead.id}.`, ...bead }));

const planOf = (plan: object, convoy: string): Plan =>
  parsePlan(stringify({ convoy, ...plan }), join(town.folder, `${convoy}.yaml`), town.config);

const launchWith = (convoy: string, plan: object, limits: object) => {
  const config = { ...town.config, limits: { ...town.config.limits, ...limits } };
  return launchConvoy({ client: town.client, config, plan: planOf(plan, convoy), pace: town.pace });
};

describe.concurrent('the ladder of models', () => {
  test('when the tries of the first model are used up, the next one goes on with the work and lands it', async () => {
    hard.set('tricky', ['test-model']);
    const { handle } = await town.launch('ladder', [{ id: 'tricky' }, { id: 'easy' }]);
    expect(await handle.result()).toMatchObject({ landed: 2 });
    expect(modelsOf('tricky')).toEqual(['test-model', 'test-model', 'large-model']);
    expect(modelsOf('easy')).toEqual(['test-model']);
    expect(await town.beadStatus('ladder', 'tricky')).toMatchObject({ state: 'landed', model: 'large' });
    expect(await town.repo.show('main', 'src/tricky.txt')).toBe('by large-model\n');
    const lines = (await town.convoyStatus('ladder')).epics[0]?.beads ?? [];
    expect(lines.find(({ bead }) => bead === 'tricky')?.model).toBe('large');
    // The commit says who wrote it.
    const body = await town.repo.git('log', '--grep=^Bead: ladder/ladder/tricky', '--format=%B', 'main');
    expect(body).toContain('large');
    const id = workflowId.bead({ convoy: 'ladder', epic: 'ladder', bead: 'tricky' });
    await recordHistory(town.client, id, 'bead-climbed');
  });

  test('at the top of the ladder the bead is blocked; a tier with one model has no other to ask', async () => {
    hard.set('hopeless', ['test-model', 'large-model']);
    hard.set('small-and-hard', ['test-model']);
    const { handle } = await town.launch('top', [
      { id: 'hopeless' },
      { id: 'small-and-hard', tier: 'small' },
    ]);
    expect(await handle.result()).toMatchObject({ blocked: 2 });
    const lines = (await town.convoyStatus('top')).epics[0]?.beads ?? [];
    expect(lines).toMatchObject([
      { failure: { type: 'AttemptsExhausted', what: expect.stringContaining('4 tries failed') } },
      { failure: { type: 'AttemptsExhausted', what: expect.stringContaining('2 tries failed') } },
    ]);
    expect(modelsOf('small-and-hard')).toEqual(['test-model', 'test-model']);
  });
});

describe.concurrent('epics of one convoy', () => {
  test('G1: an epic starts when the epics that it needs have landed wholly, from a base that has them', async () => {
    const go = hold('wall');
    const { handle } = await launchWith(
      'house',
      {
        epics: [
          { id: 'roof', needs: ['walls'], beads: texts([{ id: 'beam' }]) },
          { id: 'walls', beads: texts([{ id: 'stone' }, { id: 'wall' }]) },
          { id: 'garden', beads: texts([{ id: 'tree' }]) },
        ],
      },
      {},
    );
    const walls = await patiently(
      () => town.epicStatus('house', 'walls'),
      ({ beads }) => beads[0]?.state === 'landed',
    );
    expect(walls.beads[1]?.state).toBe('working');
    await patiently(
      () => town.epicStatus('house', 'garden'),
      ({ beads }) => beads[0]?.state === 'landed',
    );
    const roof = town.client.workflow.getHandle(workflowId.epic('house', 'roof'));
    await expect(roof.describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
    go();
    expect(await handle.result()).toMatchObject({ landed: 4 });
    const [wall, beam] = await Promise.all([
      town.beadStatus('house', 'wall', 'walls'),
      town.beadStatus('house', 'beam', 'roof'),
    ]);
    await town.repo.git('merge-base', '--is-ancestor', wall.commit ?? '', beam.base ?? '');
    await recordHistory(town.client, workflowId.convoy('house'), 'convoy-of-three-epics');
  });

  test('an epic behind one that did not land wholly is held, and says so; the rest goes on', async () => {
    hard.set('crack', ['test-model', 'large-model']);
    const { handle } = await launchWith(
      'ruin',
      {
        epics: [
          { id: 'cellar', beads: texts([{ id: 'crack' }, { id: 'dry' }]) },
          { id: 'tower', needs: ['cellar'], beads: texts([{ id: 'stairs' }, { id: 'bell' }]) },
          { id: 'fence', beads: texts([{ id: 'post' }]) },
        ],
      },
      {},
    );
    expect(await handle.result()).toMatchObject({ landed: 2, blocked: 1, held: 2 });
    const tower = (await town.convoyStatus('ruin')).epics.find(({ epic }) => epic === 'tower');
    expect(tower?.paused).toContain('held');
    expect(modelsOf('stairs')).toEqual([]);
  });
});

describe.concurrent('pacing', () => {
  const beads = texts([
    { id: 'one' },
    { id: 'two' },
    { id: 'on-one', needs: ['one'] },
    { id: 'on-two', needs: ['two'] },
  ]);
  const rename = (prefix: string) =>
    beads.map((bead) => ({
      ...bead,
      id: `${prefix}-${bead.id}`,
      task: `TASK-OF-${prefix}-${bead.id}.`,
      ...(bead.needs === undefined ? {} : { needs: bead.needs.map((need) => `${prefix}-${need}`) }),
    }));

  test('ready: a bead starts when its own needs have landed', async () => {
    const go = hold('r-two');
    const { handle } = await launchWith('ready', { beads: rename('r') }, { pacing: 'ready' });
    await patiently(
      () => town.epicStatus('ready'),
      (status) => status.beads[2]?.state === 'landed',
    );
    expect((await town.epicStatus('ready')).beads.map(({ state }) => state)).toEqual([
      'landed',
      'working',
      'landed',
      'pending',
    ]);
    go();
    expect(await handle.result()).toMatchObject({ landed: 4 });
  });

  test('waves: a bead starts when the whole wave before it is settled', async () => {
    const go = hold('w-two');
    const { handle } = await launchWith('waves', { beads: rename('w') }, { pacing: 'waves' });
    await patiently(
      () => town.epicStatus('waves'),
      (status) => status.beads[0]?.state === 'landed' && status.beads[1]?.state === 'working',
    );
    // The first has landed and been cleaned up: had anything been startable, it would have been started by now.
    await patiently(
      () => town.bead('waves', 'w-one').describe(),
      ({ status }) => status.name === 'COMPLETED',
    );
    expect((await town.epicStatus('waves')).beads.map(({ state }) => state)).toEqual([
      'landed',
      'working',
      'pending',
      'pending',
    ]);
    go();
    expect(await handle.result()).toMatchObject({ landed: 4 });
    const { commit } = await town.beadStatus('waves', 'w-two');
    for (const id of ['w-on-one', 'w-on-two']) {
      const { base } = await town.beadStatus('waves', id);
      await town.repo.git('merge-base', '--is-ancestor', commit ?? '', base ?? '');
    }
  });

  test('workerSpawnDelay: so long between the starts of two beads, however many may start', async () => {
    const spawnDelayMs = 700;
    const ids = ['s-a', 's-b', 's-c'];
    const { handle } = await launchWith(
      'spread',
      { beads: texts(ids.map((id) => ({ id }))) },
      { spawnDelayMs },
    );
    expect(await handle.result()).toMatchObject({ landed: 3 });
    const starts = await Promise.all(
      ids.map(async (id) => (await town.bead('spread', id).describe()).startTime.getTime()),
    );
    for (const [index, start] of starts.entries()) {
      if (index > 0) expect(start - (starts[index - 1] ?? 0)).toBeGreaterThanOrEqual(spawnDelayMs - 50);
    }
  });

  test('maxParallel: never more at work than that', async () => {
    const ids = ['m-a', 'm-b', 'm-c', 'm-d'];
    const go = ids.map((id) => hold(id));
    const { handle } = await launchWith(
      'narrow',
      { beads: texts(ids.map((id) => ({ id }))) },
      { maxParallel: 2 },
    );
    for (const [index, release] of go.entries()) {
      const working = Math.min(2, ids.length - index);
      const { beads: lines } = await patiently(
        () => town.epicStatus('narrow'),
        (status) => status.beads.filter(({ state }) => state === 'working').length === working,
      );
      expect(lines.slice(0, index).map(({ state }) => state)).not.toContain('pending');
      release();
      await patiently(
        () => town.epicStatus('narrow'),
        (status) => status.beads[index]?.state === 'landed',
      );
    }
    expect(await handle.result()).toMatchObject({ landed: 4 });
  });
});
