import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { gitLine } from '../../activities/git/run.ts';
import { homeAt } from '../../activities/home.ts';
import { createTranscripts } from '../../activities/ledger/transcripts.ts';
import { totalTokens } from '../../workflows/domain/host/model.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { recordHistory } from '../replay/record.ts';
import type { ChatCall } from '../support/modelHost.ts';
import { eventually, filesReply, openTestTown, type TestTown } from '../support/town.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
let draws = 0;
/** The reviewer of the bead that is stopped meanwhile answers then. */
const critics = Promise.withResolvers<void>();

const textOf = (call: ChatCall): string => call.messages.map(({ content }) => content).join('\n');
const callsFor = (bead: string, model: string): string[] =>
  town.host.requests
    .filter((call) => call.model === model && textOf(call).includes(`TASK-OF-${bead}.`))
    .map(textOf);

const findings = `# What the parser does\n\n## Findings\n\n${'It reads src/start.txt line by line. '.repeat(8)}\n`;

beforeAll(async () => {
  town = await openTestTown({
    reply: (bead, call) => {
      const text = textOf(call);
      if (call.model === 'critic-model') {
        if (bead === 'stopped') return critics.promise.then(() => '{"verdict": "approve", "reasons": []}');
        if (bead === 'mute') return 'Looks fine to me!';
        if (bead === 'cut-off' && callsFor('cut-off', 'critic-model').length === 1)
          return { fault: 'cut', text: '{"verdict": ' };
        if (bead === 'stubborn')
          return '{"verdict": "sendBack", "reasons": [{"file": "src/stubborn.txt", "what": "Not good enough."}]}';
        return text.includes('polished')
          ? '{"verdict": "approve", "reasons": []}'
          : '```json\n{"verdict": "sendBack", "reasons": [{"file": "src/sloppy.txt", "what": "It is not polished."}]}\n```';
      }
      switch (bead) {
        case 'sloppy':
          return filesReply({
            'src/sloppy.txt': text.includes('It is not polished.') ? 'polished\n' : 'rough\n',
          });
        case 'hard': {
          const nth = callsFor('hard', 'test-model').length;
          // The first two fail, and of the several replies to the third prompt only one is right.
          draws = nth;
          return filesReply({ 'src/hard.txt': nth === 4 ? 'polished\n' : `BROKEN ${nth}\n` });
        }
        case 'study':
          return callsFor('study', 'test-model').length === 1 ? '# Too short\n\nYes.' : findings;
        case 'builds-on':
          return filesReply({
            'src/builds-on.txt': text.includes('It reads src/start.txt line by line.')
              ? 'polished\n'
              : 'blind\n',
          });
        default:
          return filesReply({ [`src/${bead}.txt`]: 'fine\n' });
      }
    },
    models: { 'critic-model': { context: 32_768 } },
    config: (config) => ({
      ...config,
      hosts: { host: { ...(config as { hosts: { host: object } }).hosts.host, coresident: true } },
      models: {
        ...(config['models'] as object),
        critic: { name: 'critic-model', context: 32_768, tier: 'deep', hosts: ['host'] },
      },
      roles: { polecat: 'model', reviewer: { model: 'critic', rounds: 2 } },
      limits: { maxParallel: 8, minFreeGiB: 0, bead: { attempts: 6, samples: 3 } },
    }),
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

test('a reviewer sends green work back with reasons, and lets the better one pass', async () => {
  const { handle } = await town.launch('critic', [{ id: 'sloppy' }]);
  expect(await handle.result()).toMatchObject({ landed: 1 });
  expect(await town.repo.git('show', 'main:src/sloppy.txt')).toBe('polished');
  const reviews = callsFor('sloppy', 'critic-model');
  expect(reviews).toHaveLength(2);
  expect(reviews[0]).toContain('+rough');
  expect(callsFor('sloppy', 'test-model')[1]).toContain('src/sloppy.txt: It is not polished.');
  expect((await town.beadStatus('critic', 'sloppy')).spent.attempts).toBe(0);
  await recordHistory(
    town.client,
    workflowId.bead({ convoy: 'critic', epic: 'critic', bead: 'sloppy' }),
    'bead-reviewed',
  );
});

test('G3: a reviewer that never agrees has its rounds and no more; one without a verdict holds nobody up', async () => {
  const { handle } = await town.launch('never', [{ id: 'stubborn' }, { id: 'mute' }]);
  expect(await handle.result()).toMatchObject({ landed: 2 });
  expect(callsFor('stubborn', 'critic-model')).toHaveLength(2);
  expect(callsFor('mute', 'critic-model')).toHaveLength(1);
  expect((await town.beadStatus('never', 'stubborn')).review).toBe('sent back 2 times');
  expect((await town.beadStatus('never', 'mute')).review).toBe(
    'not reviewed: the reviewer gave no verdict that can be read',
  );
});

test('G7: what a reviewer said while its bead was being stopped is read when the bead goes on, and not asked again', async () => {
  const name = 'stopped';
  // Its look at the hosts holds the bead while the reply and the stop come.
  const looking = town.holds.hold('modelOutlook', (model) => model === 'critic');
  const { handle } = await town.launch(name, [{ id: name }]);
  await looking.arrived;
  critics.resolve();
  await eventually(
    () => town.bead(name, name).fetchHistory(),
    ({ events }) => (events ?? []).filter(isInferEnd(events ?? [])).length === 2,
  );
  await town.bead(name, name).signal('shutdown', { reason: 'closing time', mode: 'drain' });
  looking.release();
  const epic = town.client.workflow.getHandle(workflowId.epic(name, name));
  await eventually(
    () => town.epicStatus(name),
    ({ beads }) => beads[0]?.state === 'parked',
  );
  await epic.executeUpdate('retryBead', { args: [{ bead: name }] });
  expect(await handle.result()).toMatchObject({ landed: 1 });
  expect(callsFor(name, 'critic-model')).toHaveLength(1);
  expect((await town.beadStatus(name, name)).review).toBe('approved');
});

type Events = NonNullable<Awaited<ReturnType<ReturnType<TestTown['bead']>['fetchHistory']>>['events']>;

const isInferEnd =
  (events: Events) =>
  ({ activityTaskCompletedEventAttributes: ended }: Events[number]): boolean =>
    events.some(
      ({ eventId, activityTaskScheduledEventAttributes: begun }) =>
        begun?.activityType?.name === 'infer' && String(eventId) === String(ended?.scheduledEventId),
    );

test('G7: a reviewer whose stream is cut is asked again, and both calls are charged', async () => {
  const { handle } = await town.launch('again', [{ id: 'cut-off' }]);
  expect(await handle.result()).toMatchObject({ landed: 1 });
  expect(callsFor('cut-off', 'critic-model').length).toBeGreaterThanOrEqual(2);
  const ref = { convoy: 'again', epic: 'again', bead: 'cut-off' };
  const lines = await createTranscripts(homeAt(town.config.home)).read(ref);
  expect(lines.filter(({ role }) => role === 'reviewer').map(({ outcome }) => outcome)).toContain(
    'StreamCut',
  );
  const { usage } = (await town.beadStatus('again', 'cut-off')).spent;
  expect(lines.reduce((sum, line) => sum + totalTokens(line.usage), 0)).toBe(totalTokens(usage));
});

test('G7: a hard bead asks for several replies on idle slots, the gates choose, and all of them are charged', async () => {
  const { handle } = await town.launch('draw', [{ id: 'hard' }]);
  expect(await handle.result()).toMatchObject({ landed: 1 });
  expect(draws).toBe(5);
  const status = await town.beadStatus('draw', 'hard');
  expect(status).toMatchObject({ turn: 3, spent: { turns: 3 } });
  const ref = { convoy: 'draw', epic: 'draw', bead: 'hard' };
  const lines = await createTranscripts(homeAt(town.config.home)).read(ref);
  expect(lines.map(({ role = 'polecat', usage }) => `${role} ${usage.calls}`)).toEqual([
    'polecat 1',
    'polecat 1',
    'polecat 3',
    'reviewer 1',
  ]);
  expect(lines.reduce((sum, { usage }) => sum + totalTokens(usage), 0)).toBe(totalTokens(status.spent.usage));
  const kept = await gitLine(['for-each-ref', '--format=%(refname)', 'refs/gt/kept/draw'], {
    cwd: homeAt(town.config.home).repo('rig'),
  });
  expect(kept).toBe('');
  await recordHistory(town.client, workflowId.bead(ref), 'bead-best-of-several');
});

test('a bead that makes a report lands nothing; the beads that need it have the report in their prompts', async () => {
  const before = await town.repo.git('rev-parse', 'main');
  const { handle } = await town.launch('study', [
    { id: 'study', output: 'report', sections: ['Findings'] },
    { id: 'builds-on', needs: ['study'] },
  ]);
  expect(await handle.result()).toMatchObject({ landed: 2, blocked: 0 });
  const [first, second] = callsFor('study', 'test-model');
  expect(first).toContain('Its first line is a heading');
  expect(second).toContain('lacks the section "## Findings"');
  const { state } = await town.beadStatus('study', 'study');
  expect(state).toBe('landed');
  expect(await town.repo.git('show', 'main:src/builds-on.txt')).toBe('polished');
  expect(await town.repo.git('rev-list', '--first-parent', '--count', `${before}..main`)).toBe('1');
  expect(callsFor('study', 'critic-model')).toEqual([]);
  await recordHistory(
    town.client,
    workflowId.bead({ convoy: 'study', epic: 'study', bead: 'study' }),
    'bead-report',
  );
});
