import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { configJsonSchema, loadConfig, parseConfig } from '../../../deploy/config/index.ts';
import { around, configOf, mistakes, soundConfig } from './sample.ts';

const example = new URL('../../../gastown.example.yaml', import.meta.url).pathname;

describe('loadConfig', () => {
  test('reads the example file', async () => {
    const config = await loadConfig(example, around);
    expect(config.warnings).toEqual([]);
    expect(config.rigs).toHaveLength(1);
    expect(config.hosts.map(({ apiKeyEnv }) => apiKeyEnv)).toEqual([undefined, 'BUNKER_API_KEY']);
    expect(config.ladders['default']?.map(({ model }) => model)).toEqual(['coder-small', 'coder-large']);
  });

  test('how models are loaded: programs, calls, memory and sleep', () => {
    const host = (lines: string) => configOf(soundConfig.replace('kind: ollama', lines)).hosts[0];
    expect(
      host(
        'kind: command\n    commands: { load: [lms, load, "{model}"], unload: { post: /u, body: { n: "{context}" } }, probe: { get: /p } }',
      ),
    ).toMatchObject({
      kind: 'command',
      commands: {
        load: { argv: ['lms', 'load', '{model}'] },
        unload: { method: 'POST', path: '/u', body: { n: '{context}' } },
        probe: { method: 'GET', path: '/p' },
      },
    });
    expect(host('kind: openai\n    sleep: true\n    memory: 24GiB\n    reserve: 512MiB')).toMatchObject({
      sleep: true,
      memoryBytes: 24 * 2 ** 30,
      reserveBytes: 512 * 2 ** 20,
    });
  });

  test('the fields that the example shows as comments are its defaults', async () => {
    const written = await readFile(example, 'utf8');
    const shown = written.replaceAll(
      /^( *)# ((?:slots|coresident|temperature|firstTokenTimeout|idleTimeout|callTimeout|branch|timeout|currency): .*)$/gm,
      '$1$2',
    );
    expect(shown).not.toBe(written);
    expect(parseConfig(shown, example, around)).toEqual(parseConfig(written, example, around));
  });

  test('fills in every default and makes paths absolute', () => {
    expect(configOf(soundConfig)).toEqual({
      file: '/towns/gastown.yaml',
      name: 'citadel',
      home: '/home/max/.local/state/gastown/citadel',
      timeZone: 'UTC',
      tokensPerDay: undefined,
      moneyPerDay: undefined,
      currency: 'USD',
      hosts: [
        {
          name: 'pit',
          kind: 'ollama',
          url: 'http://127.0.0.1:11434',
          slots: 1,
          coresident: false,
          apiKeyEnv: undefined,
          quiet: [],
        },
      ],
      models: [
        {
          key: 'coder',
          name: 'qwen3-coder:30b',
          context: 32_768,
          maxTokens: 4_096,
          temperature: 0.2,
          tier: 'default',
          hosts: ['pit'],
          firstTokenMs: 300_000,
          idleMs: 60_000,
          callTimeoutMs: 1_200_000,
          edits: 'auto',
        },
      ],
      ladders: { default: [{ model: 'coder', callTimeoutMs: 1_200_000 }] },
      infersTiers: true,
      craft: { samples: 2 },
      mayor: undefined,
      notify: { on: ['ended', 'needsYou'], remindAfter: 14_400_000, reminders: 3 },
      patrol: { everyMs: 600_000, silentAfterMs: 1_800_000, leaveAloneMs: 600_000 },
      fleet: { hold: 1, maxWaitMs: 3_600_000, leastGainMs: 6_000, minResidencyMs: 120_000, lookAhead: true },
      targets: {},
      metrics: { port: 9_464, address: '127.0.0.1' },
      rigs: [
        {
          name: 'app',
          source: '/app',
          branch: 'main',
          land: { mode: 'push' },
          setup: undefined,
          setupTimeoutMs: 900_000,
          caches: [],
          cacheKey: [],
          sparse: [],
          notes: undefined,
          mapTokens: 2_000,
          gates: [{ name: 'tests', run: 'npm test', timeoutMs: 600_000 }],
          network: false,
          cloud: 'never',
          sandbox: 'required',
          maxWorkers: 8,
          runLimits: { processes: 4_096, openFiles: 65_536, fileMiB: 4_096, shmMiB: 512, outputMiB: 8 },
        },
      ],
      limits: {
        maxParallel: 4,
        pacing: 'ready',
        spawnDelayMs: 0,
        tokensPerConvoy: undefined,
        moneyPerConvoy: undefined,
        caps: { turns: 12, tokens: 400_000, wallMs: 7_200_000, attempts: 5 },
        minFreeBytes: 2 * 2 ** 30,
      },
      temporal: { address: undefined, namespace: 'gastown-citadel' },
      warnings: [],
    });
  });

  test('takes the home from the file, then $GASTOWN_HOME, then the XDG state folder', () => {
    const homeOf = (text: string, env: Record<string, string>): string =>
      parseConfig(text, '/towns/gastown.yaml', { ...around, env }).home;
    const env = { GASTOWN_HOME: '/big/disk', XDG_STATE_HOME: '/state' };
    expect(homeOf(soundConfig.replace('citadel', 'citadel\n  home: ~/town'), env)).toBe('/home/max/town');
    expect(homeOf(soundConfig.replace('citadel', 'citadel\n  home: here'), env)).toBe('/towns/here');
    expect(homeOf(soundConfig, env)).toBe('/big/disk');
    expect(homeOf(soundConfig, { XDG_STATE_HOME: '/state' })).toBe('/state/gastown/citadel');
    expect(homeOf(soundConfig, { XDG_STATE_HOME: 'relative' })).toBe(
      '/home/max/.local/state/gastown/citadel',
    );
  });

  test('reads who plans: a model of the town’s own, or one elsewhere with the defaults of its provider', () => {
    const mayorOf = (mayor: string) =>
      configOf(soundConfig.replace('rigs:', `roles: { mayor: ${mayor} }\nrigs:`)).mayor;
    expect(mayorOf('coder')).toEqual({ kind: 'own', model: 'coder', callTimeoutMs: 1_200_000 });
    expect(mayorOf('{ provider: gemini, model: gemini-3.1-pro-preview, apiVersion: v1beta }')).toEqual({
      kind: 'cloud',
      provider: 'gemini',
      model: 'gemini-3.1-pro-preview',
      baseUrl: undefined,
      apiVersion: 'v1beta',
      apiKeyEnv: 'GEMINI_API_KEY',
      maxTokens: 32_768,
      callTimeoutMs: 600_000,
    });
    expect(mayorOf('{ provider: openai, model: big, baseUrl: "https://models.example" }')).toMatchObject({
      baseUrl: 'https://models.example',
      apiKeyEnv: undefined,
    });
  });

  test('reads prices and budgets of money; prices reach ladders and mayor, amounts are millionths', () => {
    const config = configOf(
      soundConfig
        .replace('citadel', 'citadel\n  budget: { moneyPerDay: 10, currency: EUR }')
        .replace('hosts: [pit]', 'hosts: [pit]\n    price: { prompt: 0.25, completion: 2 }')
        .replace(
          'rigs:',
          'roles: { mayor: coder }\nlimits: { moneyPerConvoy: 2.5, bead: { money: 0.0005 } }\nrigs:',
        ),
    );
    const price = { prompt: 0.25, completion: 2 };
    expect(config).toMatchObject({
      moneyPerDay: 10_000_000,
      currency: 'EUR',
      models: [{ price }],
      mayor: { kind: 'own', price },
      ladders: { default: [{ model: 'coder', price }] },
      limits: { moneyPerConvoy: 2_500_000, caps: { money: 500 } },
      warnings: [],
    });
  });

  test('warns of a budget of money that nothing counts against, and of a day with which no bead starts', () => {
    const limited = soundConfig.replace('citadel', 'citadel\n  budget: { moneyPerDay: 0.1 }');
    expect(configOf(limited).warnings).toEqual([
      'A budget of money is set, and no model has a price: nothing counts against it.',
    ]);
    const dear = limited.replace('hosts: [pit]', 'hosts: [pit]\n    price: { prompt: 3, completion: 15 }');
    expect(configOf(dear).warnings).toEqual([
      'town.budget.moneyPerDay is 0.10 USD: a bead starts with no less than 1.50 USD, a quarter of what it may cost, so none ever starts. Set a lower limits.bead.money.',
    ]);
  });

  test('reads quiet hours as minutes since midnight, over midnight too', () => {
    const quiet = configOf(
      soundConfig.replace('kind: ollama', 'kind: ollama\n    quiet: [08:00-18:30, 23:00-01:00]'),
    ).hosts[0]?.quiet;
    expect(quiet).toEqual([
      { from: 480, to: 1_110 },
      { from: 1_380, to: 60 },
    ]);
  });

  test('reads durations, ways to land and URLs of repositories', () => {
    const config = configOf(
      soundConfig
        .replace(
          'hosts: [pit]',
          'hosts: [pit]\n    idleTimeout: 1.5s\n    callTimeout: 1h\n    firstTokenTimeout: 250',
        )
        .replace('path: ../app', 'url: git@example.com:team/app.git\n    land: branch:gastown/main'),
    );
    expect(config.models[0]).toMatchObject({ idleMs: 1_500, callTimeoutMs: 3_600_000, firstTokenMs: 250 });
    expect(config.rigs[0]).toMatchObject({
      source: 'git@example.com:team/app.git',
      land: { mode: 'branch', branch: 'gastown/main' },
    });
  });

  test('reads what formats and what runs the nearest tests, with their times', () => {
    const rigOf = (lines: string) =>
      configOf(soundConfig.replace('path: ../app', `path: ../app\n${lines}`)).rigs[0];
    expect(
      rigOf('    format: cargo fmt\n    nearest: "vitest run {tests}"\n    nearestTimeout: 90s'),
    ).toMatchObject({
      format: { run: 'cargo fmt', timeoutMs: 60_000 },
      nearest: { run: 'vitest run {tests}', timeoutMs: 90_000 },
    });
  });

  test('reads what gates have to show, and says nothing of those that have nothing to', () => {
    const more =
      '        report: out/reports/\n        tests: true\n      - {name: types, run: tsc, compile: true}\n';
    expect(configOf(soundConfig + more).rigs[0]?.gates).toEqual([
      { name: 'tests', run: 'npm test', timeoutMs: 600_000, report: 'out/reports', tests: true },
      { name: 'types', run: 'tsc', timeoutMs: 600_000, compile: true },
    ]);
  });

  test('makes ladders of tiers when no role says otherwise', () => {
    const two = soundConfig.replace(
      'rigs:',
      '  big:\n    name: big\n    context: 65536\n    tier: large\n    callTimeout: 1h\n    hosts: [pit]\nrigs:',
    );
    expect(configOf(two).ladders).toEqual({
      default: [{ model: 'coder', callTimeoutMs: 1_200_000 }],
      large: [{ model: 'big', callTimeoutMs: 3_600_000 }],
    });
    const steps = (text: string, tier: string) => configOf(text).ladders[tier]?.map(({ model }) => model);
    expect(steps(two.replace('rigs:', 'roles:\n  polecat: [coder, big]\nrigs:'), 'default')).toEqual([
      'coder',
      'big',
    ]);
    expect(
      steps(two.replace('rigs:', 'roles:\n  polecat: {default: big, hard: [big]}\nrigs:'), 'hard'),
    ).toEqual(['big']);
  });

  test('takes what is expected of a tier with a name of the person’s own, where a model or a role has it', () => {
    const own = soundConfig.replace('hosts: [pit]', 'hosts: [pit]\n    tier: night');
    const tiers =
      'roles:\n  polecat: {default: coder, dawn: coder}\ntiers:\n  night: {target: 1m}\n  dawn: {target: 2m}';
    expect(configOf(own.replace('rigs:', `${tiers}\nrigs:`)).targets).toEqual({
      night: 60_000,
      dawn: 120_000,
    });
  });

  test('warns of a model that is larger than what its host has for models', () => {
    const sized = (model: string, host: string): readonly string[] =>
      configOf(
        soundConfig
          .replace('hosts: [pit]', `hosts: [pit]\n    memory: ${model}`)
          .replace('kind: ollama', `kind: ollama\n    ${host}`),
      ).warnings;
    expect(sized('24GiB', 'memory: 24GiB')).toEqual([]);
    expect(sized('30GiB', 'slots: 2')).toEqual([]);
    expect(sized('30GiB', 'memory: 24GiB')).toEqual([
      'models.coder does not fit into hosts.pit: it takes 30GiB (memory), and the host has 24GiB for models. Take pit out of models.coder.hosts, or correct the one or the other.',
    ]);
    expect(sized('21.5GiB', 'memory: 24GiB\n    reserve: 4GiB')).toEqual([
      'models.coder does not fit into hosts.pit: it takes 21.5GiB (memory), and the host has 20GiB for models, without the 4GiB of its reserve. Take pit out of models.coder.hosts, or correct the one or the other.',
    ]);
  });

  test('warns of what works but is hardly meant', () => {
    const config = configOf(
      soundConfig
        .replace('context: 32768', 'context: 4096\n    maxTokens: 1024')
        .replace('models:', '  idle:\n    kind: openai\n    url: http://127.0.0.1:1\nmodels:')
        .replace('citadel', 'citadel\n  budget: {tokensPerDay: 90000}')
        .concat('    setup: make\nsandbox: off\n'),
    );
    expect(config.warnings).toEqual([
      'models.coder.context is 4096: with less than 8192 tokens, prompts with whole files rarely fit.',
      'hosts.idle serves no model.',
      'rigs.app.setup makes no caches, so worktrees get nothing of what it does.',
      'town.budget.tokensPerDay is 90000: a bead may use 400000 (limits.bead.tokens) and starts with no less than 100000, so none ever starts.',
      'sandbox is off: what models write runs as this user, with this user’s files and network.',
    ]);
  });

  test('takes anchors, and points at the text that is wrong through one', () => {
    const anchored = soundConfig
      .replace('    gates:\n', '    gates: &gates\n')
      .concat('  site:\n    path: ../site\n    gates: *gates\n');
    expect(configOf(anchored).rigs.map(({ gates }) => gates.length)).toEqual([1, 1]);
    expect(
      mistakes(() => configOf(anchored.replace('gates: *gates', 'gates: []\n    caches: *gates'))),
    ).toEqual([
      'gastown.yaml:16:9: rigs.site.caches[0]: found a map. Expected a path inside the repository with forward slashes, such as src/index.ts.',
      'gastown.yaml:20:12: rigs.site.gates: the list is empty. The town keeps the branch green by landing only what passed every gate (G2): without gates, anything would land.',
      'gastown.yaml:21:13: rigs.site.caches: no setup makes these. Add setup: <the command that makes them>.',
    ]);
  });
});

describe('the JSON Schema', () => {
  test('describes every field', () => {
    const undescribed: string[] = [];
    const walk = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      const { properties, additionalProperties, items, anyOf } = schema as Record<string, never>;
      for (const [name, field] of Object.entries<{ description?: string }>(properties ?? {})) {
        if (field.description === undefined) undescribed.push(`${path}.${name}`);
        walk(field, `${path}.${name}`);
      }
      walk(additionalProperties, `${path}.*`);
      walk(items, `${path}[]`);
      for (const option of (anyOf ?? []) as unknown[]) walk(option, path);
    };
    walk(configJsonSchema(), '');
    expect(undescribed).toEqual([]);
  });
});

describe('secrets', () => {
  test('G9: a key or password in the file is refused and never repeated', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gastown-config-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'gastown.yaml');
    const secret = 'hunter2hunter2';
    for (const line of [`apiKey: ${secret}`, `apiKeyEnv: ${secret}`, `apiKeyEnv: "${secret} ${secret}"`]) {
      await writeFile(file, soundConfig.replace('kind: ollama', `kind: ollama\n    ${line}`));
      const refusal: Error = await loadConfig(file).then(
        () => Promise.reject(new Error('was taken')),
        (error: Error) => error,
      );
      expect(refusal.name).toBe('InputRejected');
      expect(JSON.stringify(refusal) + refusal.message).not.toContain(secret);
    }
  });
});
