import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readScenario } from './scenario.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gt-scenario-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = async (text: string) => {
  const file = join(folder, 'my-fleet.yaml');
  await writeFile(file, text);
  return readScenario(file);
};
const refused = async (text: string): Promise<string> =>
  read(text).then(
    () => 'taken',
    (error: Error) => error.message.replaceAll(join(folder, 'my-fleet.yaml'), 'FILE'),
  );

const sound = [
  'models:',
  '  big: { gigabytes: 20, loadSeconds: 20, unloadSeconds: 10 }',
  'hosts:',
  '  desk: { slots: 2, memoryGigabytes: 24, initial: big }',
  'agents:',
  '  plan: { cloud: true, minutes: 2 }',
  '  write: { model: big, minutes: 30, calls: 3, pauseSeconds: 20, needs: [plan] }',
].join('\n');

describe('a scenario file', () => {
  test('is read with what it leaves out', async () => {
    expect(await read(sound)).toEqual({
      ...{ name: 'my-fleet', about: '', maxWaitMinutes: 40 },
      models: [
        { key: 'big', weights: 'big', context: 32_768, gigabytes: 20, loadSeconds: 20, unloadSeconds: 10 },
      ],
      hosts: [{ host: 'desk', slots: 2, memoryGigabytes: 24, serves: ['big'], initial: ['big'] }],
      agents: [
        { id: 'plan', model: undefined, minutes: 2, calls: 1, pauseSeconds: 0, needs: [] },
        { id: 'write', model: 'big', minutes: 30, calls: 3, pauseSeconds: 20, needs: ['plan'] },
      ],
    });
  });

  test('G10: what is wrong is told with its line, what it is, and what to write', async () => {
    expect(await refused(sound.replace('model: big', 'model: bigg'))).toContain(
      'FILE:7:19: agents.write.model: no model "bigg" is configured. Did you mean "big"?',
    );
    expect(await refused(sound.replace('needs: [plan]', 'needs: [write]'))).toContain(
      'an agent needs itself',
    );
    expect(await refused(sound.replace('slots: 2', 'slots: 0'))).toContain(
      'FILE:4:18: hosts.desk.slots: found 0',
    );
    expect(await refused(sound.replace('{ model: big,', '{'))).toContain('model is missing');
    expect(await refused(sound.replace('2 }', '2, needs: [write] }'))).toContain(
      'these wait for each other: plan, write',
    );
    expect(await refused(sound.replace('slots: 2,', 'slots: 2, seats: 3,'))).toContain(
      'no field "seats" is known',
    );
    expect(await refused(sound.replace('memoryGigabytes: 24', 'memoryGigabytes: 16'))).toContain(
      'FILE:4:38: hosts.desk.memoryGigabytes: big takes 20, and desk has 16. Set at least 20, or leave big out of serves of desk.',
    );
    expect(await refused('models: {}\nhosts: {}\nagents: {}')).toContain('is empty');
  });
});
