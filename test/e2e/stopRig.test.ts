import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Reached } from '../../client/reach.ts';
import { resumeRig, stopRig } from '../../client/stoppedRig.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { RefineryStatus } from '../../workflows/domain/report/report.ts';
import { recordHistory } from '../replay/record.ts';
import { type TempRepo, tempRepo } from '../support/repo.ts';
import { eventually, filesReply, openTestTown, type TestTown } from '../support/town.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
let second: TempRepo;
const waiting = new Map<string, PromiseWithResolvers<void>>();

beforeAll(async () => {
  second = await tempRepo({ bare: true, files: { 'src/start.txt': 'start\n', 'check.sh': 'exit 0\n' } });
  town = await openTestTown({
    reply: async (bead) => {
      await waiting.get(bead)?.promise;
      return filesReply({ [`src/${bead}.txt`]: `${bead}\n` });
    },
    config: (config) => {
      const { rigs } = config as { rigs: Record<string, object> };
      return { ...config, rigs: { ...rigs, other: { ...rigs['rig'], path: second.path } } };
    },
  });
});
afterAll(async () => {
  await town?.[Symbol.asyncDispose]();
  await second?.[Symbol.asyncDispose]();
});

const reached = (): Reached =>
  ({ client: town.client, config: town.config, home: town.config.home }) as Reached;

const queue = (rig: string): Promise<RefineryStatus> =>
  town.client.workflow.getHandle(workflowId.refinery(rig, 'main')).query('refineryStatus');

const bead = (id: string, more: object = {}) => ({ id, title: `Do ${id}`, task: `TASK-OF-${id}.`, ...more });

const stateOf = async (convoy: string, epic: string, id: string): Promise<string | undefined> =>
  (await town.epicStatus(convoy, epic)).beads.find((one) => one.bead === id)?.state;

test.each(['drain', 'now'] as const)(
  'gt stop --rig (%s): work at every moment of its life parks, other rigs go on, and all of it goes on with gt resume --rig',
  async (mode) => {
    const convoy = `halt-${mode}`;
    const [asked, gated, queued, begun, free] = ['asked', 'gated', 'queued', 'begun', 'free'].map(
      (name) => `${name}-${mode}`,
    ) as [string, string, string, string, string];
    const answer = Promise.withResolvers<void>();
    waiting.set(asked, answer);
    const holds = {
      compose: town.holds.hold('composePrompt', (one) => JSON.stringify(one).includes(`"${begun}"`)),
      gates: town.holds.hold('runGates', (one) => JSON.stringify(one).includes(`"${gated}"`)),
      group: town.holds.hold('examine'),
    };
    const { handle } = await town.launch(convoy, [], {
      beads: undefined,
      rig: undefined,
      epics: [
        {
          id: 'core',
          rig: 'rig',
          beads: [
            bead(asked),
            bead(gated),
            bead(queued),
            bead(begun),
            bead(`last-${mode}`, { needs: [asked] }),
          ],
        },
        { id: 'free', rig: 'other', beads: [bead(free, { gates: ['check'] })] },
        { id: 'later', rig: 'rig', needs: ['free'], beads: [bead(`later-${mode}`)] },
      ],
    });
    await town.called(asked);
    // `queued` and `free` submit; whichever comes first stands at the door of its queue.
    await Promise.all([holds.compose.arrived, holds.gates.arrived, holds.group.arrived]);
    await eventually(
      () => town.beadStatus(convoy, queued, 'core'),
      ({ state }) => state === 'queued',
    );

    const stopping = stopRig(reached(), 'rig', { reason: 'a leak', mode });
    const said = await stopping;
    expect(said.data).toMatchObject({ rig: 'rig', stopped: [convoy] });
    for (const hold of Object.values(holds)) hold.release();
    answer.resolve();

    for (const id of [asked, gated, begun])
      await eventually(
        () => stateOf(convoy, 'core', id),
        (state) => state === 'parked',
      );
    // What was under test may have been landing already; else it is parked, and out of the queue.
    await eventually(
      () => stateOf(convoy, 'core', queued),
      (state) => state === 'parked' || state === 'landed',
    );
    expect((await queue('rig')).queue).toEqual([]);
    expect((await queue('rig')).stopped?.what).toContain('gt resume --rig rig');
    await eventually(
      () => town.convoyStatus(convoy),
      ({ epics }) => epics.find(({ epic }) => epic === 'free')?.beads[0]?.state === 'landed',
    );
    const later = (await town.convoyStatus(convoy)).epics.find(({ epic }) => epic === 'later');
    expect(later).toMatchObject({ paused: expect.stringContaining('a leak'), beads: [] });
    expect(await stateOf(convoy, 'core', `last-${mode}`)).toBe('pending');

    const resumed = await resumeRig(reached(), 'rig', {});
    expect(resumed).toEqual([
      { target: 'merge queue of rig main', said: 'going on' },
      { target: convoy, said: 'going on on rig' },
    ]);
    expect(await handle.result()).toMatchObject({ landed: 7, blocked: 0 });
    if (mode === 'drain')
      await recordHistory(town.client, workflowId.convoy(convoy), 'convoy-stopped-on-a-rig');
  },
);

test('a pause of a person’s own stays, and an unknown rig is refused with those that there are', async () => {
  await town.client.workflow
    .getHandle(workflowId.refinery('rig', 'main'))
    .executeUpdate('pause', { args: [{ reason: 'release day' }] });
  expect(await resumeRig(reached(), 'rig', {})).toEqual([]);
  expect((await queue('rig')).stopped?.what).toContain('release day');
  await expect(stopRig(reached(), 'rigg', { reason: '', mode: 'drain' })).rejects.toMatchObject({
    trouble: { what: 'There is no rig named rigg. Did you mean rig?' },
  });
});
