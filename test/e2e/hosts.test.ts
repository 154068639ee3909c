import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { FailureType } from '../../workflows/domain/failure.ts';
import { totalTokens } from '../../workflows/domain/model.ts';
import type { BeadLine } from '../../workflows/domain/report.ts';
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
    type: 'StreamCut',
    what: /./,
    evidence: /chat\/completions/,
    next: /./,
    waits: false,
  },
  stalling: {
    reply: { fault: 'stallMid', text: 'src/stalling.txt\n```\nhalf' },
    type: 'StreamStalled',
    what: /./,
    evidence: /chat\/completions/,
    next: /./,
    waits: false,
  },
  silent: {
    reply: { fault: 'stallFirst' },
    type: 'FirstTokenTimeout',
    what: /./,
    evidence: /chat\/completions/,
    next: /./,
    waits: false,
  },
  endless: {
    reply: { fault: 'endless', word: 'and so on' },
    // What a model does is the model's to mend: it is told, and has used up its tries at the end.
    type: 'AttemptsExhausted',
    what: /tries failed|try failed/,
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
        ...Object.fromEntries([...hosts].map(([name, { url }]) => [name, { kind: 'openai', url, slots: 1 }])),
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
              firstTokenTimeout: '2s',
              idleTimeout: '400ms',
            },
          ]),
        ),
      },
      roles: { polecat: { default: 'model' } },
      limits: { maxParallel: 16, bead: { attempts: 1 } },
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
          ({ waiting, failure }) => (waiting?.failure ?? failure)?.type === troubles[id]?.type,
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
    const { spent } = await town.beadStatus('night', id);
    expect(spent.usage.calls, id).toBe(hosts.get(id)?.requests.length);
    expect(totalTokens(spent.usage), id).toBeGreaterThan(100);
  }
});

test('G8: no call reached a host that does not serve the model as promised', () => {
  for (const id of ['lacking', 'page', 'small']) expect(hosts.get(id)?.requests, id).toEqual([]);
});
