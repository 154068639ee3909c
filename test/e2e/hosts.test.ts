import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { BeadBlocked } from '../../workflows/domain/bead/bead.ts';
import type { FailureType } from '../../workflows/domain/failure.ts';
import { totalTokens } from '../../workflows/domain/host/model.ts';
import type { BeadLine } from '../../workflows/domain/report/report.ts';
import { type Flavour, type ModelHost, type Reply, startModelHost } from '../support/modelHost.ts';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const context = 32_768;

/** A host that does not do what it should, what its bead ends with, and what people are told. */
interface Trouble {
  readonly kind?: Flavour;
  readonly reply?: Reply;
  readonly models?: Readonly<Record<string, { context: number }>>;
  readonly html?: boolean;
  readonly down?: boolean;
  /** What the bead waits for, where it does not end with that. */
  readonly trouble?: FailureType;
  readonly type: FailureType;
  readonly what: RegExp;
  readonly evidence: RegExp;
  readonly next: RegExp;
  /** Whether the bead waits, and says for what, before it gives up. */
  readonly waits: boolean;
}

const troubles: Readonly<Record<string, Trouble>> = {
  down: {
    down: true,
    type: 'HostDown',
    what: /does not answer at http:/,
    evidence: /ECONNREFUSED/,
    next: /Start the model server/,
    waits: true,
  },
  lacking: {
    models: { 'another-model': { context } },
    type: 'ModelMissing',
    what: /does not have the model test-model/,
    evidence: /lists another-model/,
    next: /Correct the name of model/,
    waits: true,
  },
  page: {
    html: true,
    type: 'NotAModelServer',
    what: /is not a model server/,
    evidence: /Router login/,
    next: /Check the url of host/,
    waits: true,
  },
  small: {
    models: { 'test-model': { context: 4_096 } },
    type: 'ContextTooSmall',
    what: /a context of 4096 tokens; model small promises 32768/,
    evidence: /4096/,
    next: /-c 32768|max-model-len 32768/,
    waits: true,
  },
  cutting: {
    reply: { fault: 'cut', text: 'src/cutting.txt\n```\nhalf' },
    trouble: 'StreamCut',
    type: 'BudgetExhausted',
    what: /used up its (time|tokens)/,
    evidence: /^StreamCut: .*\n.*chat\/completions/,
    next: /gt (resume|convoy launch)/,
    waits: true,
  },
  stalling: {
    reply: { fault: 'stallMid', text: 'src/stalling.txt\n```\nhalf' },
    trouble: 'StreamStalled',
    type: 'BudgetExhausted',
    what: /used up its (time|tokens)/,
    evidence: /^StreamStalled: .*\n.*chat\/completions/,
    next: /gt (resume|convoy launch)/,
    waits: true,
  },
  silent: {
    reply: { fault: 'stallFirst' },
    trouble: 'FirstTokenTimeout',
    type: 'BudgetExhausted',
    what: /used up its (time|tokens)/,
    evidence: /^FirstTokenTimeout: .*\n.*chat\/completions/,
    next: /gt (resume|convoy launch)/,
    waits: true,
  },
  endless: {
    reply: { fault: 'endless', word: 'and so on' },
    // What a model does is the model's to mend: it is told, begins afresh, and then a person has to look.
    type: 'Stalled',
    what: /a reply without an end/,
    evidence: /repeat|end/i,
    next: /gt bead log night\/night\/endless/,
    waits: false,
  },
  narrow: {
    models: { 'test-model': { context: 2_048 } },
    type: 'ContextOverflow',
    what: /./,
    evidence: /./,
    next: /fewer or smaller files|context/,
    waits: false,
  },
};

let town: TestTown;
let nap: ModelHost;
let fickle: ModelHost;
/** While the test holds it, the one slot of this host is taken. */
let crowded: ModelHost;
const holding = Promise.withResolvers<void>();
/** More than other activities have attempts. */
const cuts = 9;
const hosts = new Map<string, ModelHost>();

beforeAll(async () => {
  for (const [name, trouble] of Object.entries(troubles)) {
    const host = await startModelHost({
      kind: 'openai',
      models: trouble.models ?? { 'test-model': { context } },
      reply: () => trouble.reply ?? filesReply({ [`src/${name}.txt`]: `${name}\n` }),
    });
    if (trouble.html === true) host.impose('html');
    if (trouble.down === true) await host.down();
    hosts.set(name, host);
  }
  nap = await startModelHost({
    kind: 'openai',
    models: { 'test-model': { context } },
    reply: () => filesReply({ 'src/patient.txt': 'patient\n' }),
  });
  hosts.set('nap', nap);
  fickle = await startModelHost({
    kind: 'openai',
    models: { 'test-model': { context } },
    reply: () =>
      fickle.requests.length <= cuts
        ? { fault: 'cut', text: 'src/fickle.txt\n```\nhalf' }
        : filesReply({ 'src/fickle.txt': 'fickle\n' }),
  });
  hosts.set('fickle', fickle);
  crowded = await startModelHost({
    kind: 'openai',
    models: { 'test-model': { context }, 'hasty-model': { context } },
    reply: async (call) => {
      await holding.promise;
      return filesReply({ [`src/${call.model}.txt`]: `${call.model}\n` });
    },
  });
  hosts.set('crowded', crowded);

  town = await openTestTown({
    files: { 'src/large.txt': 'a line of a large file\n'.repeat(600) },
    reply: (bead) => filesReply({ [`src/${bead}.txt`]: `${bead}\n` }),
    // Long enough to be seen waiting, and to be mended.
    pace: { refusedPatienceMs: 3_000, downPatienceMs: 9_000 },
    config: (config) => ({
      ...config,
      sandbox: 'off',
      hosts: {
        ...(config['hosts'] as object),
        ...Object.fromEntries(
          [...hosts].map(([name, { url }]) => [
            name,
            { kind: 'openai', url, slots: 1, coresident: name === 'crowded' },
          ]),
        ),
      },
      models: {
        ...(config['models'] as object),
        ...Object.fromEntries(
          [...hosts.keys()].map((name) => [
            name,
            {
              name: 'test-model',
              context: name === 'narrow' ? 2_048 : context,
              maxTokens: name === 'narrow' ? 256 : 2_048,
              tier: name,
              hosts: [name],
              firstTokenTimeout: name === 'crowded' ? '5m' : '2s',
              idleTimeout: '400ms',
            },
          ]),
        ),
        hasty: {
          name: 'hasty-model',
          context,
          tier: 'hasty',
          hosts: ['crowded'],
          firstTokenTimeout: '2s',
          callTimeout: '2s',
        },
      },
      roles: { polecat: { default: 'model' } },
      limits: { maxParallel: 16, minFreeGiB: 0, bead: { attempts: 1, time: '50s' } },
    }),
  });
});

afterAll(async () => {
  await town?.[Symbol.asyncDispose]();
  for (const [name, host] of hosts) if (name !== 'down') await host.close();
});

test('G8, G10: a host that is down is waited for, and the bead says so; when it answers the bead goes on', async () => {
  await nap.down();
  const { handle } = await town.launch('patience', [{ id: 'patient', tier: 'nap' }]);
  const { waiting, state } = await patiently(
    () => town.beadStatus('patience', 'patient'),
    (status) => status.waiting?.failure.type === 'HostDown',
  );
  expect(state).toBe('inferring');
  expect(waiting?.failure.evidence).toContain(nap.url);
  await nap.up();
  expect(await handle.result()).toMatchObject({ landed: 1 });
  expect((await town.beadStatus('patience', 'patient')).waiting).toBeUndefined();
});

test('G7: a host that fails again and again is outlasted; all of it is charged, and takes no turn', async () => {
  const { handle } = await town.launch('outlast', [{ id: 'fickle', tier: 'fickle' }]);
  const { waiting } = await patiently(
    () => town.beadStatus('outlast', 'fickle'),
    (status) => status.waiting !== undefined || status.state === 'landed',
  );
  expect(waiting?.failure.type).toBe('StreamCut');
  expect(await handle.result()).toMatchObject({ landed: 1 });
  const { spent, ...after } = await town.beadStatus('outlast', 'fickle');
  expect(after.waiting).toBeUndefined();
  expect(fickle.requests).toHaveLength(cuts + 1);
  expect(spent).toMatchObject({ turns: 1, usage: { calls: cuts + 1 } });
});

test('G10: a call that is never finished in its time blocks the bead in the end, and names the setting', async () => {
  const { handle } = await town.launch('slot', [
    { id: 'keeper', tier: 'crowded' },
    { id: 'hasty', tier: 'hasty' },
  ]);
  await crowded.called((call) => call.model === 'test-model');
  const line = await patiently(
    async () => (await town.epicStatus('slot')).beads.find(({ bead }) => bead === 'hasty'),
    (found) => found?.state === 'blocked',
  );
  expect(line?.failure).toMatchObject({
    type: 'CallTimeout',
    what: 'A call of the model hasty was not finished within 2000 ms.',
    evidence: 'Last seen on the host crowded.',
    next: expect.stringContaining('models.hasty.callTimeout'),
  });
  holding.resolve();
  expect(await handle.result()).toMatchObject({ landed: 1, blocked: 1 });
});

test('G10: whatever is wrong with a host, its bead says what, with evidence and the next step; all others land', async () => {
  const bad = Object.keys(troubles);
  const { handle } = await town.launch('night', [
    { id: 'good' },
    { id: 'better', needs: ['good'] },
    ...bad.map((id) => ({ id, tier: id, ...(id === 'narrow' ? { files: ['src/large.txt'] } : {}) })),
    { id: 'behind', needs: ['down'] },
  ]);
  await Promise.all(
    bad
      .filter((id) => troubles[id]?.waits)
      .map((id) =>
        patiently(
          () => town.beadStatus('night', id),
          // On a slow machine the bead may have lost its patience between two looks: it then says the same as blocked.
          ({ waiting, failure }) =>
            failure === undefined
              ? waiting?.failure.type === (troubles[id]?.trouble ?? troubles[id]?.type)
              : failure.type === troubles[id]?.type,
        ),
      ),
  );
  expect(await handle.result()).toMatchObject({ landed: 2, blocked: bad.length, held: 1 });

  const [epic] = (await town.convoyStatus('night')).epics;
  const lines = new Map((epic?.beads ?? []).map((line): [string, BeadLine] => [line.bead, line]));
  expect(lines.get('behind')?.state).toBe('held');
  for (const [id, { type, what, evidence, next }] of Object.entries(troubles)) {
    expect(lines.get(id), id).toMatchObject({
      state: 'blocked',
      failure: {
        type,
        what: expect.stringMatching(what),
        evidence: expect.stringMatching(evidence),
        next: expect.stringMatching(next),
      },
    });
    expect(await town.repo.show('main', `src/${id}.txt`), id).toBeUndefined();
  }
});

test('G7: calls that were cut, stalled or endless are charged', async () => {
  for (const id of ['cutting', 'stalling', 'endless']) {
    const { spent } = await blockedAs(id);
    expect(spent.usage.calls, id).toBe(hosts.get(id)?.requests.length);
    expect(totalTokens(spent.usage), id).toBeGreaterThan(100);
  }
});

/** What a blocked bead has told its epic: the details of its failure, as they stand in the history. */
const blockedAs = async (id: string): Promise<BeadBlocked> => {
  const error: unknown = await town
    .bead('night', id)
    .result()
    .catch((thrown: unknown) => thrown);
  const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
  expect(cause, id).toBeInstanceOf(ApplicationFailure);
  return (cause as ApplicationFailure).details?.[0] as BeadBlocked;
};

test('G8: no call reached a host that does not serve the model as promised', () => {
  for (const id of ['lacking', 'page', 'small']) expect(hosts.get(id)?.requests, id).toEqual([]);
});
