import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { launchConvoy } from '../../client/launchConvoy.ts';
import { parsePlan } from '../../deploy/plan/index.ts';
import { readReport, reportPlaces } from '../../deploy/report/readReport.ts';
import { clockText } from '../../workflows/domain/clock.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { TownStatus } from '../../workflows/domain/report/report.ts';
import { recordHistory } from '../replay/record.ts';
import { createHeldCalls } from '../support/heldCalls.ts';
import { eventually, filesReply, openTestTown, type TestBead, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** What the webhook was sent. */
interface Posted {
  readonly event: string;
  readonly convoy?: string;
  readonly summary: string;
  readonly markdown: string;
  readonly key: string;
  readonly report?: { readonly state: string; readonly totals: { readonly landed: number } };
}

let town: TestTown;
/** Calls of these beads wait until the test lets them go. */
const held = createHeldCalls();
const { hold } = held;
const broken = new Set<string>();
const posted: Posted[] = [];
/** What the webhook answers to the first call about a convoy; then, and to all others, 200. */
const answers = new Map<string, number>();
const mailFile = join(tmpdir(), `gastown-night-${process.pid}.txt`);

const webhook = createServer((request, response) => {
  let body = '';
  request.on('data', (text: Buffer) => (body += text.toString()));
  request.on('end', () => {
    const message = JSON.parse(body) as Posted;
    const status = answers.get(message.convoy ?? '') ?? 200;
    answers.delete(message.convoy ?? '');
    if (status === 200) posted.push({ ...message, key: String(request.headers['idempotency-key']) });
    response.writeHead(status).end(`cannot take ${request.url}`);
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
  process.env['NIGHT_TEST_HOOK'] = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/hook?secret`;
  town = await openTestTown({
    reply: async (bead) => {
      await held.answer(bead);
      return filesReply({ [`src/${bead}.txt`]: broken.has(bead) ? `BROKEN ${count++}\n` : `${bead}\n` });
    },
    config: (config) => ({
      ...config,
      // What is tested here are clocks and messages, not walls.
      sandbox: 'off',
      hosts: { ...(config['hosts'] as object), asleep: asleep(config) },
      models: {
        ...(config['models'] as object),
        sleeper: { name: 'test-model', context: 32_768, tier: 'asleep', hosts: ['asleep'] },
      },
      roles: { polecat: { default: 'model', asleep: 'sleeper' } },
      limits: { maxParallel: 8, bead: { attempts: 2 } },
      notify: {
        command: `{ echo "EVENT=$GT_EVENT CONVOY=$GT_CONVOY SUMMARY=$GT_SUMMARY"; cat; } >> ${mailFile}`,
        webhookEnv: 'NIGHT_TEST_HOOK',
      },
    }),
    pace: { gatherMs: 300 },
  });
});
afterAll(async () => {
  await town?.[Symbol.asyncDispose]();
  webhook.close();
  await rm(mailFile, { force: true });
});

let count = 0;

/** A host that is quiet all day but for some minutes that have just been over. */
const asleep = (config: Record<string, unknown>): object => {
  const minute = Math.floor(Date.now() / 60_000) % 1_440;
  const clock = (at: number): string => clockText((at + 1_440) % 1_440);
  const { host } = config['hosts'] as { host: object };
  return { ...host, quiet: [`${clock(minute - 2)}-${clock(minute - 5)}`] };
};

const launch = (convoy: string, beads: readonly TestBead[], inMs?: number) => {
  const text = stringify({
    convoy,
    beads: beads.map((bead) => ({ title: `Do ${bead.id}`, task: `TASK-OF-${bead.id}.`, ...bead })),
  });
  const plan = parsePlan(text, join(town.folder, `${convoy}.yaml`), town.config);
  const until = inMs === undefined ? undefined : { ms: Date.now() + inMs, clock: '07:00' };
  return launchConvoy({ client: town.client, config: town.config, plan, pace: town.pace, until });
};

const told = (convoy: string, event: string): Promise<Posted> =>
  eventually(
    async () => posted.find((one) => one.convoy === convoy && one.event === event),
    (one) => one !== undefined,
  ).then((one) => one as Posted);
/** A worker under load may be late with its answer. */
const asked = <T>(ask: () => Promise<T>): Promise<T> => patiently(ask, () => true);
const mails = (): Promise<string> => readFile(mailFile, 'utf8').catch(() => '');
const convoyUpdate = (convoy: string, name: string, argument: unknown): Promise<unknown> =>
  town.client.workflow.getHandle(workflowId.convoy(convoy)).executeUpdate(name, { args: [argument] });

describe('a convoy that runs until a time', () => {
  test('drains then: turns under way are finished and kept, nothing new starts, and the person is told when all is parked', async () => {
    const go = hold('late');
    const { handle } = await launch('night', [{ id: 'early' }, { id: 'late', needs: ['early'] }], 3_600_000);
    await town.called('late');
    expect((await asked(() => town.convoyStatus('night'))).until).toMatchObject({ clock: '07:00' });
    await convoyUpdate('night', 'setUntil', { until: { ms: Date.now() + 500, clock: '07:00' } });
    const draining = await patiently(
      () => town.convoyStatus('night'),
      ({ state }) => state === 'paused',
    );
    expect(draining.state).toBe('paused');
    // The turn under way is not broken off.
    expect((await asked(() => town.beadStatus('night', 'late'))).state).toBe('inferring');
    expect(posted.filter(({ convoy }) => convoy === 'night')).toEqual([]);
    go();
    const { markdown, report, summary } = await told('night', 'drained');
    expect(summary).toContain('1 of 2 landed, 1 parked');
    expect(report).toMatchObject({ state: 'paused', totals: { landed: 1, parked: 1 } });
    expect(markdown).toContain('gt resume night');
    expect((await asked(() => town.epicStatus('night'))).paused).toContain('it is 07:00');

    // Going on clears the time that has come, and the work of the night before is not done again.
    const calls = town.host.requests.length;
    await convoyUpdate('night', 'resume', {});
    expect(await handle.result()).toMatchObject({ landed: 2 });
    expect(town.host.requests.length).toBe(calls);
    expect((await asked(() => town.convoyStatus('night'))).until).toBeUndefined();
    await told('night', 'ended');
    await recordHistory(town.client, workflowId.convoy('night'), 'convoy-drained-at-its-time');
    await recordHistory(town.client, workflowId.epic('night', 'night'), 'epic-drained-at-its-time');
  });

  test('that comes before anything could be done: all is parked or waits, the person is told, and it goes on', async () => {
    const { handle } = await launch('early-night', [{ id: 'nothing' }], 1);
    // A bead that was quicker than the word to stop may have landed; none is at work.
    expect((await told('early-night', 'drained')).report).toMatchObject({ totals: { working: 0 } });
    await convoyUpdate('early-night', 'resume', {});
    expect(await handle.result()).toMatchObject({ landed: 1 });
  });

  test('the time can be set, moved and taken away while it runs; one that is over is refused', async () => {
    const go = hold('moved');
    const { handle } = await launch('mover', [{ id: 'moved' }]);
    await town.called('moved');
    const until = { ms: Date.now() + 3_600_000, clock: '07:00' };
    expect(await convoyUpdate('mover', 'setUntil', { until })).toBe('runs until 07:00');
    expect((await asked(() => town.convoyStatus('mover'))).until).toEqual(until);
    await expect(
      convoyUpdate('mover', 'setUntil', { until: { ms: 1_000, clock: '07:00' } }),
    ).rejects.toMatchObject({ cause: { message: expect.stringContaining('is over already') as string } });
    await expect(
      convoyUpdate('mover', 'setUntil', { until: { ms: Date.now() + 1e12, clock: '07:00' } }),
    ).rejects.toMatchObject({ cause: { message: expect.stringContaining('31 days') as string } });
    // A pause in between leaves a time that is to come.
    await convoyUpdate('mover', 'pause', { reason: 'lunch' });
    await convoyUpdate('mover', 'resume', {});
    expect((await asked(() => town.convoyStatus('mover'))).until).toEqual(until);
    expect(await convoyUpdate('mover', 'setUntil', {})).toBe('runs until all is done');
    expect((await asked(() => town.convoyStatus('mover'))).until).toBeUndefined();
    go();
    expect(await handle.result()).toMatchObject({ landed: 1 });
  });
});

describe('what a person is told', () => {
  test('G5: of an end once, by command and webhook, with the report; G9: titles are text there', async () => {
    const title = 'Do `it` $(touch /tmp/x) | [now](http://evil)';
    const { handle } = await launch('tidings', [{ id: 'good', title }]);
    await handle.result();
    const { markdown, key, report } = await told('tidings', 'ended');
    expect(report).toMatchObject({ state: 'done', totals: { landed: 1 } });
    expect(key).toMatch(/^[0-9a-f]{40}$/);
    expect(markdown).not.toContain('[now](http');
    const mail = await patiently(mails, (text) => text.includes('# Convoy tidings: '));
    expect(mail).toContain('SUMMARY=Convoy tidings done: 1 of 1 landed');
    expect(mail).toContain('EVENT=ended CONVOY=tidings');
    expect(posted.filter((one) => one.convoy === 'tidings')).toHaveLength(1);
  });

  test('of beads that need them while the convoy goes on, in one message', async () => {
    for (const bead of ['bad-one', 'bad-two']) broken.add(bead);
    const go = hold('slow');
    const { handle } = await launch('trouble', [{ id: 'bad-one' }, { id: 'bad-two' }, { id: 'slow' }]);
    const { summary, markdown } = await told('trouble', 'needsYou');
    expect(summary).toMatch(/trouble\/trouble\/bad-(one|two) needs you: 2 tries failed/);
    expect(markdown).toContain('gt bead log trouble/trouble/bad-');
    // The model is still asked for the third.
    expect((await asked(() => town.beadStatus('trouble', 'slow'))).state).toBe('inferring');
    go();
    await handle.result();
    expect((await told('trouble', 'ended')).report).toMatchObject({ state: 'ended', totals: { blocked: 2 } });
    expect(posted.filter((one) => one.convoy === 'trouble').length).toBeLessThanOrEqual(3);
    await recordHistory(town.client, workflowId.epic('trouble', 'trouble'), 'epic-blocked-is-told');
  });

  test('a webhook that fails is tried again, and the command is not run a second time for it', async () => {
    answers.set('flaky', 500);
    const { handle } = await launch('flaky', [{ id: 'flake' }]);
    await handle.result();
    await told('flaky', 'ended');
    expect((await mails()).match(/EVENT=ended CONVOY=flaky/g)).toHaveLength(1);
    expect(posted.filter((one) => one.convoy === 'flaky')).toHaveLength(1);
  });
});

describe('quiet hours of the only host that has the model', () => {
  test('a bead waits, says until when, is charged no time for it, and parks at once when it is stopped', async () => {
    const { handle } = await launch('siesta', [{ id: 'patient', tier: 'asleep' }]);
    const { waiting: why } = await patiently(
      () => town.beadStatus('siesta', 'patient'),
      (status) => status.waiting !== undefined,
    );
    expect(why?.failure).toMatchObject({
      type: 'HostQuiet',
      what: expect.stringContaining('(UTC)') as string,
    });
    // Longer than the patience with hosts that are down.
    const since = why?.since ?? 0;
    await patiently(
      async () => Date.now() - since,
      (ms) => ms > 2 * town.pace.downPatienceMs,
    );
    expect((await asked(() => town.beadStatus('siesta', 'patient'))).state).toBe('inferring');
    await convoyUpdate('siesta', 'setUntil', { until: { ms: Date.now() + 300, clock: '07:00' } });
    const { summary } = await told('siesta', 'drained');
    expect(summary).toContain('0 of 1 landed, 1 parked');
    const { spent, state } = await asked(() => town.beadStatus('siesta', 'patient'));
    expect(state).toBe('parked');
    expect(spent.wallMs).toBeLessThan(2 * town.pace.downPatienceMs);
    expect(spent.usage.calls).toBe(0);
    const id = workflowId.bead({ convoy: 'siesta', epic: 'siesta', bead: 'patient' });
    const runs = await town.client.workflow.getHandle(id).describe();
    expect(runs.status.name).toBe('RUNNING');
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    expect(town.host.requests.filter((call) => JSON.stringify(call).includes('TASK-OF-patient.'))).toEqual(
      [],
    );
  });
});

test('G7: the report has every call by role and model, commits of what landed, and the reason of what did not', async () => {
  broken.add('rotten');
  const { handle } = await launch('sum', [
    { id: 'sound' },
    { id: 'rotten' },
    { id: 'behind', needs: ['rotten'] },
  ]);
  await handle.result();
  const report = await readReport({ client: town.client, ...reportPlaces(town.config) }, 'sum');
  const [landed] = report.landed;
  expect(report).toMatchObject({ state: 'ended', totals: { landed: 1, blocked: 1, held: 1 } });
  expect(await town.repo.git('log', '-1', '--format=%s', landed?.commit ?? '')).not.toBe('');
  expect(report.needs).toMatchObject([{ about: ['sum/sum/rotten'], type: 'AttemptsExhausted' }]);
  expect(report.costs).toMatchObject([{ role: 'polecat', model: 'model', calls: 3, failed: 0 }]);
  expect(report.tokens.spent).toBe(report.actual.tokens);
  expect(report.endedAt).toBeGreaterThan(report.startedAt);
});

test('a launch forecasts by what the town has seen, and the report has it beside what it came to', async () => {
  const { handle, forecast } = await launch('seer', [{ id: 'first' }, { id: 'second', needs: ['first'] }]);
  expect(forecast).toMatchObject({ turns: expect.any(Number) as number });
  expect(forecast?.from).toBeGreaterThanOrEqual(3);
  await handle.result();
  const report = await readReport({ client: town.client, ...reportPlaces(town.config) }, 'seer');
  expect(report.forecast).toEqual(forecast);
  expect(report.actual.turns).toBe(2);
});

test('a merge queue that stops is told, although it belongs to no convoy', async () => {
  // Somebody else breaks the branch: nothing lands before it is mended (G2).
  const go = hold('behind-red');
  const { handle } = await launch('blocked-way', [{ id: 'behind-red' }]);
  await town.called('behind-red');
  await town.repo.commitTo('main', { 'src/outsider.txt': 'BROKEN by hand\n' });
  go();
  const news = await eventually(
    async () => posted.find(({ summary }) => summary.startsWith('the merge queue of rig main')),
    (one) => one !== undefined,
  );
  expect(news).toMatchObject({ event: 'needsYou', markdown: expect.stringContaining('BaseRed') as string });
  expect(news?.report).toBeUndefined();
  await town.repo.commitTo('main', { 'src/outsider.txt': 'mended\n' });
  expect(await handle.result()).toMatchObject({ landed: 1 });
});

test('G10: when nobody could be told, the mailbox says so, with what the server answered and without its address', async () => {
  answers.set('unheard', 404);
  const { handle } = await launch('unheard', [{ id: 'whisper' }]);
  await handle.result();
  const { mailbox } = await patiently<TownStatus>(
    () => town.client.workflow.getHandle(workflowId.town).query('townStatus'),
    (status) => status.mailbox.some(({ about }) => about.includes('unheard')),
  );
  const letter = mailbox.find(({ about }) => about.includes('unheard'));
  expect(letter?.failure).toMatchObject({
    type: 'NotifyFailed',
    evidence: expect.stringContaining('status 404') as string,
    next: expect.stringContaining('NIGHT_TEST_HOOK') as string,
  });
  expect(JSON.stringify(letter)).not.toContain('secret');
  // The command was run all the same.
  expect(await mails()).toContain('EVENT=ended CONVOY=unheard');
});

test('G9: the address of the webhook is in nothing that the town keeps', async () => {
  const ids = ['town', workflowId.convoy('tidings'), workflowId.convoy('flaky')];
  const histories = await Promise.all(ids.map((id) => town.client.workflow.getHandle(id).fetchHistory()));
  const text = JSON.stringify(histories.map((history) => historyToJSON(history)));
  expect(text).toContain('notify');
  expect(text).not.toContain('hook?secret');
});
