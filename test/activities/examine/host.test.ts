import { expect, onTestFinished, test } from 'vitest';
import { examineHost } from '../../../activities/examine/host.ts';
import { memoryFindings } from '../../../activities/examine/memory.ts';
import type { Finding } from '../../../workflows/domain/finding.ts';
import type { HostKind, HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';
import { type Flavour, type ModelHost, type ModelScript, startModelHost } from '../../support/modelHost.ts';

const serve = async (
  kind: Flavour,
  context = 32_768,
  more: Partial<ModelScript> = {},
): Promise<ModelHost> => {
  const host = await startModelHost({ kind, models: { tiny: { context, ...more } }, reply: () => 'ok' });
  onTestFinished(() => host.close());
  return host;
};

const model: ModelSettings = {
  ...{ key: 'small', name: 'tiny', context: 32_768, maxTokens: 64, temperature: 0.2, tier: 'default' },
  ...{ hosts: ['desk'], firstTokenMs: 5_000, idleMs: 2_000, callTimeoutMs: 10_000 },
};

interface Look {
  readonly host?: Partial<HostSettings>;
  readonly model?: Partial<ModelSettings>;
  readonly townOpen?: boolean;
  readonly thorough?: boolean;
  readonly inFull?: boolean;
  readonly apiKey?: string;
}

const look = async (host: Pick<ModelHost, 'url'>, kind: HostKind, ask: Look = {}): Promise<Finding[]> => {
  const settings: HostSettings = {
    ...{ name: 'desk', kind, url: host.url, slots: 1, coresident: false, apiKeyEnv: undefined, quiet: [] },
    ...ask.host,
  };
  const findings: Finding[] = [];
  const request = {
    host: settings,
    models: [{ ...model, ...ask.model }],
    ...{ apiKey: ask.apiKey, timeZone: 'UTC', signal: new AbortController().signal },
    ...{ thorough: ask.thorough ?? true, townOpen: ask.townOpen ?? false, inFull: ask.inFull ?? false },
  };
  for await (const finding of examineHost(request)) findings.push(finding);
  for (const { level, fix } of findings) expect(level === 'ok' || fix !== '').toBe(true);
  return findings;
};

const ill = (findings: readonly Finding[]): Finding | undefined =>
  findings.find(({ level }) => level !== 'ok');
const of = (check: string, findings: readonly Finding[]): Finding | undefined =>
  findings.find((one) => one.check === check);

test.each([
  ['ollama', 'ollama'],
  ['llama-server', 'openai'],
  ['openai', 'openai'],
] as const)(
  'a good %s is well: it answers, and its model generates with the context that is promised',
  async (flavour, kind) => {
    const host = await serve(flavour);
    const findings = await look(host, kind);
    expect(ill(findings)).toBeUndefined();
    expect(of('model small', findings)).toMatchObject({
      what: expect.stringMatching(/^generates on desk \(\d+ ms/),
      evidence: 'context: 32768 promised, 32768 found',
    });
  },
);

test('G8: while the town is open nothing is loaded behind its back', async () => {
  const host = await serve('ollama');
  const findings = await look(host, 'ollama', { townOpen: true });
  expect(of('model small', findings)?.what).toContain('not in memory: not asked to generate');
  expect(host.timeline.filter(({ event }) => event === 'load' || event === 'chat')).toEqual([]);
});

test('--quick and quiet hours ask no model to generate', async () => {
  const host = await serve('openai');
  await look(host, 'openai', { thorough: false });
  const findings = await look(host, 'openai', {
    host: {
      quiet: [
        { from: 0, to: 1_439 },
        { from: 1_439, to: 1 },
      ],
    },
  });
  expect(findings.map(({ what }) => what)).toContainEqual(expect.stringContaining('has quiet hours until'));
  expect(host.timeline.filter(({ event }) => event === 'chat')).toEqual([]);
});

test('a wrong model name is ModelMissing, with what the server has', async () => {
  const missing = ill(await look(await serve('openai'), 'openai', { model: { name: 'tinny' } }));
  expect(missing).toMatchObject({ level: 'fail', evidence: expect.stringContaining('lists tiny') });
  const pull = ill(await look(await serve('ollama'), 'ollama', { model: { name: 'tinny' } }));
  expect(pull).toMatchObject({
    level: 'fail',
    evidence: expect.stringMatching(/ has: tiny/),
    fix: expect.stringContaining('ollama pull tinny'),
  });
});

test.each([
  ['ollama', 'ollama'],
  ['llama-server', 'openai'],
] as const)(
  'a context below the promise is ContextTooSmall on %s, before anything is loaded',
  async (flavour, kind) => {
    const host = await serve(flavour, 4_096, { trained: 4_096 });
    const finding = ill(await look(host, kind));
    expect(finding).toMatchObject({
      level: 'fail',
      what: expect.stringContaining('a context of 4096 tokens'),
    });
    expect(host.timeline.filter(({ event }) => event === 'load')).toEqual([]);
  },
);

test('an alias of Ollama carries a context that the model’s own name does not', async () => {
  const host = await serve('ollama', 4_096);
  expect(of('model small', await look(host, 'ollama'))).toMatchObject({
    level: 'ok',
    evidence: 'context: 32768 promised, 32768 found',
  });
  expect(host.residency.names()).toEqual(['tiny', 'tiny-ctx32768']);
});

test('a host of kind command is examined by its commands, and loads by them', async () => {
  const host = await serve('llama-router');
  const commands = {
    load: { method: 'POST', path: '/models/load', body: { model: '{model}' } },
    probe: { method: 'GET', path: '/v1/models' },
  } as const;
  const findings = await look(host, 'command', { host: { commands } });
  expect(ill(findings)).toBeUndefined();
  expect(findings[0]?.evidence).toContain('loaded by commands (loaded: nothing)');
  expect(of('model small', findings)?.what).toMatch(/^generates on desk/);
  expect(host.resident()).toEqual(['tiny']);
  const broken = await look(host, 'command', {
    host: { commands: { ...commands, probe: { argv: ['/nowhere/lms'] } } },
  });
  expect(broken).toMatchObject([
    { level: 'fail', what: expect.stringContaining('to see what is in memory failed') },
  ]);
});

test.each([
  [
    'ollama',
    'ollama',
    'ollama',
    { version: 'measured', slots: 'configured', idle: 'unknown', memory: 'configured' },
  ],
  [
    'llama-server',
    'openai',
    'llama-server',
    { version: 'measured', slots: 'measured', memory: 'configured' },
  ],
  [
    'llama-router',
    'openai',
    'llama-router before llama-server',
    { software: 'measured', memory: 'configured' },
  ],
  ['vllm', 'openai', 'vllm', { version: 'measured', slots: 'configured', idle: 'measured' }],
] as const)(
  'all that is known of a %s is told with where it comes from, and loads nothing',
  async (flavour, kind, found, provenance) => {
    const host = await serve(flavour);
    const asked = { inFull: true, thorough: false, host: { memoryBytes: 2 ** 34 } };
    const fields = (await look(host, kind, asked)).find((one) => one.fields !== undefined)?.fields ?? [];
    const named = new Map(fields.map((one) => [one.field, one]));
    expect(named.size).toBe(fields.length);
    expect(named.get('flavour')).toMatchObject({ value: found, from: 'measured' });
    for (const [field, from] of Object.entries(provenance))
      expect(named.get(field)).toMatchObject({ from, by: expect.stringMatching(/./) });
    for (const { value, from } of fields) expect(value === null).toBe(from === 'unknown');
    expect(host.timeline.filter(({ event }) => event === 'load' || event === 'chat')).toEqual([]);
    // Doctors and others who ask for findings get no lists.
    expect((await look(host, kind, { thorough: false })).flatMap((one) => one.fields ?? [])).toEqual([]);
  },
);

test('llama-swap is not taken for an Ollama, although it tells its version in the same place', async () => {
  const host = await serve('llama-swap');
  const findings = await look(host, 'openai');
  expect(ill(findings)).toBeUndefined();
  expect(findings[0]?.evidence).toContain('llama-swap');
});

test('a server of another kind than the configuration says', async () => {
  const finding = ill(await look(await serve('llama-server'), 'ollama'));
  expect(finding).toMatchObject({ level: 'fail', fix: 'Set hosts.desk.kind: openai' });
  // Ollama answers on the paths of the others too, and cuts prompts there without a word (G8).
  const other = await look(await serve('ollama'), 'openai');
  expect(other).toEqual([expect.objectContaining({ level: 'fail', fix: 'Set hosts.desk.kind: ollama' })]);
});

test('more slots promised than the server has', async () => {
  const finding = ill(await look(await serve('llama-server'), 'openai', { host: { slots: 4 } }));
  expect(finding).toMatchObject({ level: 'warn', fix: expect.stringContaining('hosts.desk.slots: 1') });
});

test('a host that is down, a login page, and a key that is missing or refused', async () => {
  const down = ill(await look({ url: 'http://127.0.0.1:9' }, 'openai'));
  expect(down?.what).toContain('HostDown');
  const host = await serve('openai');
  host.impose('html');
  expect(ill(await look(host, 'openai'))?.what).toContain('NotAModelServer');
  host.impose('unauthorized');
  const apiKeyEnv = 'DESK_KEY';
  const refused = ill(await look(host, 'openai', { host: { apiKeyEnv }, apiKey: 'sk-secret-1' }));
  expect(refused).toMatchObject({ what: expect.stringContaining('refused the key') });
  expect(JSON.stringify(refused)).not.toContain('sk-secret-1');
  expect(ill(await look(host, 'openai', { host: { apiKeyEnv } }))?.fix).toContain('export DESK_KEY=');
});

test('a model that spills out of the graphics memory is told, with how much of it', async () => {
  const loaded = [{ name: 'tiny', context: 4_096, size: 8 * 2 ** 30, inGpu: 6 * 2 ** 30, kept: true }];
  const host: HostSettings = {
    ...{ name: 'desk', kind: 'ollama', url: 'http://10.0.0.9:11434', slots: 1 },
    ...{ coresident: false, apiKeyEnv: undefined, quiet: [] },
  };
  const findings: Finding[] = [];
  for await (const finding of memoryFindings('host desk', host, { loaded })) findings.push(finding);
  expect(findings).toEqual([
    expect.objectContaining({
      level: 'warn',
      evidence: 'GET http://10.0.0.9:11434/api/ps: tiny 8.0 GiB, of it in graphics memory 6.0 GiB',
    }),
  ]);
});
