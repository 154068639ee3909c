import { expect, test } from 'vitest';
import { probe } from '../../../deploy/probe/probe.ts';
import type { Finding } from '../../../workflows/domain/finding.ts';
import { startModelHost } from '../../support/modelHost.ts';
import { tempHome, tempRepo } from '../../support/repo.ts';

test('the probe looks with the town’s own adapters, git and sandbox, in a process of its own', async () => {
  await using repo = await tempRepo();
  await using home = await tempHome();
  await using host = await startModelHost({
    kind: 'openai',
    models: { tiny: { context: 8_192 } },
    reply: () => 'ok',
  });
  const model = {
    ...{ key: 'small', name: 'tiny', context: 8_192, maxTokens: 64, temperature: 0, tier: 'default' },
    ...{ hosts: ['desk'], firstTokenMs: 5_000, idleMs: 5_000, callTimeoutMs: 9_000 },
  };
  const findings: Finding[] = [];
  for await (const finding of probe({
    ...{ home: home.root, timeZone: 'UTC', townOpen: false, thorough: true, inFull: true, models: [model] },
    hosts: [
      {
        name: 'desk',
        kind: 'openai',
        url: host.url,
        slots: 1,
        coresident: false,
        apiKeyEnv: undefined,
        quiet: [],
      },
    ],
    rigs: [
      {
        ...{ name: 'app', source: repo.path, branch: 'main', land: { mode: 'push' }, setup: undefined },
        ...{
          setupTimeoutMs: 9_000,
          caches: [],
          cacheKey: [],
          sparse: [],
          network: false,
          cloud: 'never',
          maxWorkers: 2,
        },
        ...{ sandbox: 'sample', gates: [{ name: 'check', run: 'true', timeoutMs: 20_000 }] },
      },
    ],
  }))
    findings.push(finding);
  expect(findings.filter(({ level }) => level === 'fail')).toEqual([]);
  const checks = findings.map(({ check }) => check);
  expect(checks).toEqual(
    expect.arrayContaining(['sandbox', 'host desk', 'model small', 'rig app', 'gates app']),
  );
  const told = findings.find(({ fields }) => fields !== undefined);
  expect(told).toMatchObject({
    check: 'host desk',
    fields: expect.arrayContaining([
      { field: 'slots', value: 1, from: 'configured', by: 'hosts.desk.slots' },
      expect.objectContaining({ field: 'resident', value: ['tiny'], from: 'measured' }),
      expect.objectContaining({ field: 'idle', value: null, from: 'unknown' }),
    ]),
  });
  // Whoever knows the hosts need not wait for the gates.
  expect(checks.indexOf('model small')).toBeLessThan(checks.indexOf('rig app'));
});
