import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exitCode } from '../../client/exitCodes.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { createHeldCalls } from '../support/heldCalls.ts';
import { eventually, filesReply, type TestTown } from '../support/town.ts';
import { gt, type Ran } from './gtProcess.ts';
import { openGtTown } from './gtTown.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
/** Calls of these beads wait until the test lets them go. */
const held = createHeldCalls();
const { hold } = held;

beforeAll(async () => {
  town = await openGtTown({
    reply: async (bead) => {
      await held.answer(bead);
      return filesReply({ [`src/${bead}.txt`]: bead === 'stubborn' ? 'BROKEN\n' : `${bead}\n` });
    },
    models: { 'other-model': { context: 32_768 } },
    config: (config) => {
      const model = (name: string, tier: string) => ({ name, tier, context: 32_768, hosts: ['host'] });
      const models = { model: model('test-model', 'standard'), big: model('other-model', 'large') };
      return { ...config, models, roles: { polecat: { default: ['model'], large: ['model', 'big'] } } };
    },
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

const run = (...args: string[]): Promise<Ran> => gt(args, town.folder);

const called = (bead: string) => town.called(bead);

test('a hand-over to a model that is not on the ladder is refused with the ladder; sent past gt, it leaves a trace', async () => {
  const go = [hold('plain'), hold('hard')];
  const { handle } = await town.launch('models', [{ id: 'plain' }, { id: 'hard', tier: 'large' }]);
  await Promise.all([called('plain'), called('hard')]);

  const refused = await run('handoff', 'models/models/plain', '--model', 'big');
  expect(refused).toMatchObject({ code: exitCode.badInput, out: '' });
  expect(refused.err).toMatch(
    /models\/models\/plain cannot go on with the model "big"[\s\S]*on the ladder: model\nNext: /,
  );
  expect((await run('handoff', 'models/models/hard', '--model', 'bigg')).err).toContain(
    'Did you mean "big"?',
  );
  expect(await run('handoff', 'models', '--model', 'none')).toMatchObject({
    code: exitCode.badInput,
    err: expect.stringContaining('on the ladder: model, big'),
  });

  const half = await run('handoff', 'models/models', '--model', 'big');
  expect(half).toMatchObject({ code: exitCode.ok, err: '' });
  expect(half.out).toContain('these go on with the model they have: models/models/plain.');
  for (const release of go) release();
  expect(await handle.result()).toMatchObject({ landed: 2 });
  expect(await town.beadStatus('models', 'hard')).toMatchObject({ model: 'big', ladder: ['model', 'big'] });
  const plain = await run('bead', 'show', 'models/models/plain');
  expect(plain.out).toContain('goes on with model, not with "big"');
});

test('an epic with nobody at work has nobody to hand over, and says so', async () => {
  const go = hold('slow');
  await town.launch('idle', [{ id: 'slow' }]);
  await called('slow');
  await town.bead('idle', 'slow').cancel();
  go();
  await town.client.workflow.getHandle(workflowId.convoy('idle')).result();
  expect(await run('handoff', 'idle/idle')).toMatchObject({
    code: exitCode.refused,
    err: expect.stringContaining('nobody to hand over'),
  });
});

test('G10: the next step of a blocked bead is `gt resume` while its epic runs, and another launch once that has ended', async () => {
  const go = hold('late');
  const { handle } = await town.launch('ends', [{ id: 'stubborn' }, { id: 'late' }]);
  await eventually(
    () => town.epicStatus('ends'),
    ({ beads }) => beads[0]?.state === 'blocked',
  );
  const bead = 'ends/ends/stubborn';
  for (const args of [
    ['convoy', 'status', 'ends'],
    ['bead', 'show', bead],
  ])
    expect((await run(...args)).out).toContain(`gt resume ${bead}`);
  go();
  await handle.result();
  for (const args of [['convoy', 'status', 'ends'], ['bead', 'show', bead], ['status']]) {
    const { out } = await run(...args);
    expect(out).toMatch(
      /Launch the plan again \(what has landed is skipped\): gt convoy launch \/\S+ends\.yaml/,
    );
    expect(out).not.toContain('gt resume');
  }
});

test('what has ended is refused as ended, what has not begun is told as such, whatever was asked of it', async () => {
  const go = hold('first');
  const { handle } = await town.launch('order', [{ id: 'first' }, { id: 'second', needs: ['first'] }]);
  await called('first');
  const early = await run('stop', 'order/order/second');
  expect(early.code).toBe(exitCode.badInput);
  expect(early.err).toContain('may not have started yet');
  go();
  await handle.result();
  for (const args of [['stop'], ['cancel'], ['pause'], ['resume']]) {
    const late = await run(...args, 'order');
    expect(late, args.join(' ')).toMatchObject({ code: exitCode.refused });
    expect(late.err).toContain('HasEnded');
  }
});
