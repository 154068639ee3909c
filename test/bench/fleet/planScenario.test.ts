import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planScenario } from './planScenario.ts';
import { policies } from './policies.ts';
import { runFleet } from './virtualFleet.ts';
import { workOf } from './work.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gt-plan-scenario-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const config = [
  'town: { name: bench }',
  'hosts:',
  '  gpu: { kind: ollama, url: http://127.0.0.1:1, slots: 2 }',
  'models:',
  '  big: { name: big, context: 32768, hosts: [gpu], memory: 20GiB }',
  '  small: { name: small, context: 32768, hosts: [gpu] }',
  'rigs:',
  '  app: { path: ., gates: [{ name: check, run: "true" }] }',
].join('\n');

const plan = [
  'convoy: two',
  'rig: app',
  'epics:',
  '  - id: first',
  '    title: First',
  '    beads:',
  '      - { id: api, title: API, task: Write it., model: big, estimate: 6m }',
  '      - { id: docs, title: Docs, task: Write it., model: small, needs: [api] }',
  '  - id: second',
  '    title: Second',
  '    needs: [first]',
  '    beads:',
  '      - { id: api, title: API, task: Write it., model: big, estimate: 6m }',
].join('\n');

const read = async (text: string, loaded: readonly string[] = []) => {
  await writeFile(join(folder, 'gastown.yaml'), text);
  await writeFile(join(folder, 'plan.yaml'), plan);
  return planScenario(join(folder, 'plan.yaml'), loaded);
};

describe('a plan as a scenario', () => {
  test('keeps beads of several epics apart, and lets an epic wait for all of those that it needs', async () => {
    expect((await read(config)).agents.map(({ id, needs }) => [id, needs])).toEqual([
      ['first-api', []],
      ['docs', ['first-api']],
      ['second-api', ['first-api', 'docs']],
    ]);
  });

  test('has a bound for waiting although the town is not to plan', async () => {
    expect((await read(`${config}\nfleet: { plan: false }`)).maxWaitMinutes).toBe(60);
    expect((await read(`${config}\nfleet: { maxWait: 20m }`)).maxWaitMinutes).toBe(20);
  });

  test('a host that holds all of its models together does so from the beginning, and never swaps', async () => {
    const all = await read(config.replace('slots: 2', 'slots: 2, coresident: true'));
    expect(all.hosts).toMatchObject([{ coresident: true, initial: ['big', 'small'] }]);
    const work = workOf(all);
    for (const policy of Object.values(policies))
      expect(runFleet(work, policy(work))).toMatchObject({ swaps: 0, makespanMs: 22 * 60_000 });
    const one = workOf(await read(config, ['gpu=big']));
    const swapping = policies['planned']?.(one);
    expect(swapping && runFleet(one, swapping).swaps).toBe(2);
  });

  test('G10: what a host cannot hold in the beginning is refused with what it can', async () => {
    await expect(read(config, ['gpu=bag'])).rejects.toThrow(
      '--loaded gpu=bag cannot be.\n  the hosts and their models are gpu=big, gpu=small',
    );
  });
});
