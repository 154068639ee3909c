import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runLab } from './laboratory.ts';
import { policies } from './policies.ts';
import { readWorld } from './worldFile.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gt-world-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = async (world: unknown) => {
  const file = join(folder, 'world.json');
  await writeFile(file, typeof world === 'string' ? world : JSON.stringify(world, null, 2));
  return readWorld(file);
};
const refused = async (world: unknown): Promise<string> =>
  read(world).then(
    () => 'taken',
    (error: Error) => error.message.replaceAll(join(folder, 'world.json'), 'FILE'),
  );

const sound = {
  branches: [
    { id: 'login', areas: ['api'] },
    { id: 'broken', areas: ['api', 'db'], breaks: 'db/migrates' },
    { id: 'unbuildable', areas: ['web'], breaksBuild: true },
    { id: 'rename', areas: ['web'], arrives: 0.5 },
    { id: 'style', areas: ['web'], arrives: 0.25 },
  ],
  conflicts: [['login', 'broken']],
  quarrels: [{ between: ['rename', 'style'], breaks: 'web/looks' }],
};

describe('a truth table', () => {
  test('is a world like any other: whoever is bad or quarrels comes back, the others land', async () => {
    const world = await read(sound);
    expect(world.branches.map(({ arrivesAt }) => arrivesAt)).toEqual([0, 0, 0, 0.25, 0.5]);
    expect(world.badShare).toBeCloseTo(0.4);
    for (const [name, policy] of Object.entries(policies)) {
      const attribution = name === 'screen-confirm';
      const lab = runLab(world, policy(world, { slots: 4, prior: 0.1, attribution }), { slots: 4 });
      expect({ name, left: lab.queue.length, red: lab.figures.red }).toEqual({ name, left: 0, red: 0 });
      expect(lab.landed.toSorted((a, b) => a - b)).toEqual([0, expect.any(Number)]);
    }
  });

  test('G10: what is wrong is told with its line, what it is, and what to write', async () => {
    const [login, broken] = sound.branches;
    expect(await refused({ ...sound, conflicts: [['login', 'brokn']] })).toContain(
      'no branch "brokn" is configured. Did you mean "broken"?',
    );
    expect(await refused({ ...sound, conflicts: [['login', 'login']] })).toContain('a branch with itself');
    expect(await refused({ ...sound, branches: [login, login, broken] })).toContain(
      'there are two branches login. Give each its own id.',
    );
    expect(await refused({ branches: [{ ...broken, breaksBuild: true }] })).toContain(
      'it breaks a test and the build. A broken build names no test: keep one.',
    );
    expect(await refused({ branches: [{ id: 'login', areas: [] }] })).toContain('at least one');
    expect(await refused({ branches: [], speed: 3 })).toContain('no field "speed" is known');
    expect(await refused('{"branches": [')).toContain('FILE');
    expect(await refused({ ...sound, sigma: -1 })).toContain('from 0 to 3');
  });
});
