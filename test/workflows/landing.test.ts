import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflowId } from '../../workflows/domain/naming.ts';
import { recordHistory } from '../replay/record.ts';
import type { Reply } from '../support/modelHost.ts';
import { eventually, filesReply, openTestTown, type TestTown } from '../support/town.ts';

let town: TestTown;
/** What the model says to a bead, one reply after another; the last one again and again. */
const script = new Map<string, Reply[]>();

beforeAll(async () => {
  town = await openTestTown({
    files: { 'src/list.txt': 'first\n' },
    config: (config) => ({ ...config, sandbox: 'sample' }),
    reply: (bead) => {
      const replies = script.get(bead) ?? [];
      return (
        (replies.length > 1 ? replies.shift() : replies[0]) ??
        filesReply({ [`src/${bead}.txt`]: `${bead}\n` })
      );
    },
  });
});
afterAll(() => town[Symbol.asyncDispose]());

const beadId = (convoy: string, bead: string): string => workflowId.bead({ convoy, epic: convoy, bead });

test('G1: a bead is closed when its change is on the target, with trailers that say so', async () => {
  const { handle } = await town.launch('once', [{ id: 'hello' }]);
  expect(await handle.result()).toMatchObject({ landed: 1, blocked: 0 });

  expect(await town.repo.show('main', 'src/hello.txt')).toBe('hello\n');
  const body = await town.repo.git('log', '-1', '--format=%B', 'main^2');
  expect(body).toContain('Bead: once/once/hello');
  expect(body).toMatch(/Bead-Task: [0-9a-f]{64}/);
  await recordHistory(town.client, beadId('once', 'hello'), 'bead-landed-at-once');
  await recordHistory(town.client, workflowId.epic('once', 'once'), 'epic-landed');
  await recordHistory(town.client, workflowId.convoy('once'), 'convoy-landed');
});

test('G3: a malformed reply and red gates are fed back, and the repaired work lands', async () => {
  script.set('repair', [
    'Here it is:\n```\nno path\n```\n',
    filesReply({ 'src/repair.txt': 'BROKEN\n' }),
    filesReply({ 'src/repair.txt': 'mended\n' }),
  ]);
  const { handle } = await town.launch('repaired', [{ id: 'repair' }]);
  expect(await handle.result()).toMatchObject({ landed: 1 });
  expect(await town.repo.show('main', 'src/repair.txt')).toBe('mended\n');

  const status = await town.bead('repaired', 'repair').query<{ turn: number; attempt: number }>('beadStatus');
  expect(status).toMatchObject({ turn: 3, attempt: 2 });
  const prompts = town.host.requests.filter((call) =>
    JSON.stringify(call.messages).includes('TASK-OF-repair.'),
  );
  expect(JSON.stringify(prompts.at(-1)?.messages)).toContain('something is BROKEN');
  await recordHistory(town.client, beadId('repaired', 'repair'), 'bead-repaired');
});

test('G2: siblings that change the same line: one lands, the other is sent back, rebased and lands on top', async () => {
  const both = filesReply({ 'src/list.txt': 'first\nleft\nright\n' });
  script.set('left', [filesReply({ 'src/list.txt': 'first\nleft\n' }), both]);
  script.set('right', [filesReply({ 'src/list.txt': 'first\nright\n' }), both]);
  const { handle } = await town.launch('siblings', [
    { id: 'left', files: ['src/list.txt'] },
    { id: 'right', files: ['src/list.txt'] },
  ]);
  expect(await handle.result()).toMatchObject({ landed: 2 });
  expect(await town.repo.show('main', 'src/list.txt')).toBe('first\nleft\nright\n');

  const turns = await Promise.all(['left', 'right'].map((bead) => town.beadStatus('siblings', bead)));
  const sentBack = turns.find(({ attempt }) => attempt > 1);
  expect(sentBack).toBeDefined();
  const name = sentBack?.bead.split('/').at(-1) ?? '';
  await recordHistory(town.client, beadId('siblings', name), 'bead-sent-back-and-rebased');
});

test('G10: a bead that never gets green is blocked with evidence; siblings go on, dependents are held', async () => {
  script.set('hopeless', [filesReply({ 'src/hopeless.txt': 'BROKEN\n' })]);
  const { handle } = await town.launch('blocked', [
    { id: 'hopeless' },
    { id: 'behind', needs: ['hopeless'] },
    { id: 'beside' },
  ]);
  expect(await handle.result()).toMatchObject({ landed: 1, blocked: 1, held: 1 });
  const { epics } = await town.convoyStatus('blocked');
  const blocked = epics[0]?.beads.find(({ bead }) => bead === 'hopeless');
  expect(blocked?.failure).toMatchObject({ type: 'Stalled' });
  expect(blocked?.failure?.evidence).toContain('BROKEN');
  expect(blocked?.failure?.next).toContain('gt ');
  expect(await town.repo.show('main', 'src/hopeless.txt')).toBeUndefined();
  await recordHistory(town.client, beadId('blocked', 'hopeless'), 'bead-blocked');
  await recordHistory(town.client, workflowId.epic('blocked', 'blocked'), 'epic-with-a-blocked-bead');
  // The same epic, by those who start who holds up the most first.
  await recordHistory(town.client, workflowId.epic('blocked', 'blocked'), 'epic-started-by-urgency');
});

test('a claim that nothing needs to change counts only when a gate that the bead names passes', async () => {
  script.set('done-already', ['NOTHING TO CHANGE']);
  script.set('only-talk', ['NOTHING TO CHANGE']);
  const { handle } = await town.launch('claims', [
    { id: 'done-already', gates: ['check'] },
    { id: 'only-talk' },
  ]);
  expect(await handle.result()).toMatchObject({ landed: 1, blocked: 1 });
  const { epics } = await town.convoyStatus('claims');
  expect(epics[0]?.beads).toMatchObject([
    { state: 'landed', nothingToChange: true },
    { state: 'blocked', failure: { type: 'ReplanNeeded' } },
  ]);
  await recordHistory(town.client, beadId('claims', 'done-already'), 'bead-nothing-to-change');
});

test('waves: what needs another bead starts from a base that has it', async () => {
  const { handle } = await town.launch('waves', [
    { id: 'one' },
    { id: 'two', needs: ['one'] },
    { id: 'three', needs: ['two'] },
  ]);
  expect(await handle.result()).toMatchObject({ landed: 3 });
  const [one, three] = await Promise.all(['one', 'three'].map((bead) => town.beadStatus('waves', bead)));
  await town.repo.git('merge-base', '--is-ancestor', one?.commit ?? '', three?.base ?? '');
});

test('launching a plan again skips what has landed and starts what was blocked', async () => {
  script.set('later', [filesReply({ 'src/later.txt': 'BROKEN\n' })]);
  const beads = [{ id: 'sooner' }, { id: 'later' }];
  const first = await town.launch('again', beads);
  expect(await first.handle.result()).toMatchObject({ landed: 1, blocked: 1 });
  const tip = await town.repo.revParse('main');

  script.set('later', [filesReply({ 'src/later.txt': 'fine\n' })]);
  const second = await town.launch('again', beads);
  expect(await second.handle.result()).toMatchObject({ landed: 2, blocked: 0 });
  expect(await town.repo.git('rev-list', '--count', '--merges', `${tip}..main`)).toBe('1');
  await recordHistory(town.client, workflowId.epic('again', 'again'), 'epic-relaunched');
});

test('a convoy name that another plan has used is refused with both plan hashes', async () => {
  const first = await town.launch('taken', [{ id: 'mine' }]);
  await first.handle.result();
  const second = await town.launch('taken', [{ id: 'other' }]);
  await expect(second.handle.result()).rejects.toThrow();
  const status = await town.convoyStatus('taken');
  expect(status.failure).toMatchObject({ type: 'PlanConflict' });
  expect(`${status.failure?.what}${status.failure?.evidence}`).toContain(first.planHash.slice(0, 12));
  expect(`${status.failure?.what}${status.failure?.evidence}`).toContain(second.planHash.slice(0, 12));
});

test('what lives for ever can be replayed as it stands: the town, a host, the Refinery', async () => {
  await recordHistory(town.client, workflowId.town, 'town');
  await recordHistory(town.client, workflowId.host('host'), 'host');
  await recordHistory(town.client, workflowId.refinery('rig', 'main'), 'refinery-screened');
  await recordHistory(town.client, workflowId.convoy('taken'), 'convoy-refused');
});

test('G5: nothing is left behind: no worktree, no branch', async () => {
  const bare = `${town.config.home}/rigs/rig/repo.git`;
  const { execa } = await import('execa');
  const branches = async (): Promise<string> =>
    (await execa('git', ['-C', bare, 'for-each-ref', 'refs/heads/gt'])).stdout;
  await eventually(branches, (text) => text === '');
  const worktrees = (await execa('git', ['-C', bare, 'worktree', 'list'])).stdout;
  expect(worktrees).not.toContain('/worktrees/');
});
