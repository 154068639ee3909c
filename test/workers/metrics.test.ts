import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { metricsAddress } from '../../workers/metrics.ts';
import { freePort } from '../support/freePort.ts';

const program = fileURLToPath(new URL('./programs/metricsProcess.ts', import.meta.url));

const start = async (role: string, port: number): Promise<{ readonly log: () => string }> => {
  const child: ChildProcess = spawn(process.execPath, [program, role, String(port)]);
  onTestFinished(async () => {
    const gone = once(child, 'exit');
    child.stdin?.end();
    await gone;
  });
  let log = '';
  child.stderr?.on('data', (text: Buffer) => {
    log += text.toString();
  });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(log)));
  ended.catch(() => {});
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), ended]);
  return { log: () => log };
};

const scrape = async (port: number): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

test('each kind of process has a port of its own, and whoever finds it taken goes on without', async () => {
  const port = await freePort(1);
  const [town, hosts] = await Promise.all([start('town', port), start('hosts', port)]);
  const late = await start('town', port);
  const text = await scrape(port);
  expect(text).toContain('# TYPE gastown_landings_total counter');
  expect(text).toContain('gastown_landings_total{rig="app"} 2');
  expect(text).toContain('gastown_gate_seconds_sum{gate="test",result="passed",rig="app"} 1.5');
  expect(text).toContain('gastown_gate_seconds_bucket{gate="test",result="passed",rig="app",le="2.5"} 1');
  expect(text).toContain('gastown_slots{host="desk"} 4');
  expect(await scrape(port + 1)).toContain('gastown_landings_total{rig="app"} 2');
  expect(town.log() + hosts.log()).not.toContain('no metrics');
  // In one line, with what to do.
  const told = late
    .log()
    .split('\n')
    .filter((line) => line.includes('no metrics at'));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('metrics.port');
});

test('addresses of both kinds', () => {
  expect(metricsAddress({ address: '127.0.0.1', port: 9_464 }, 'town')).toBe('127.0.0.1:9464');
  expect(metricsAddress({ address: '::1', port: 9_464 }, 'hosts')).toBe('[::1]:9465');
});
