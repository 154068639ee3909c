import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isHeld, withLock } from '../../../activities/gates/lock.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastown-lock-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('one is in it at a time, in whatever order they come', async () => {
  const path = join(folder, 'one');
  let inside = 0;
  let most = 0;
  const enter = () =>
    withLock(path, undefined, async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
    });
  await Promise.all(Array.from({ length: 10 }, enter));
  expect(most).toBe(1);
  expect(isHeld(path)).toBe(false);
});

test('G5: the lock of a killed process is free, and of a living one it is not', async () => {
  const path = join(folder, 'killed');
  const module = new URL('../../../activities/gates/lock.ts', import.meta.url).href;
  const program = `
    const { withLock } = await import(${JSON.stringify(module)});
    await withLock(${JSON.stringify(path)}, undefined, () => new Promise(() => {
      process.stdout.write('in');
      setInterval(() => {}, 1_000);
    }));`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(owner.stdout, 'data');
  expect(isHeld(path)).toBe(true);
  const waiting = withLock(path, undefined, async () => 'mine');
  owner.kill('SIGKILL');
  expect(await waiting).toBe('mine');
});

test('who waits can be told to stop', async () => {
  const path = join(folder, 'patience');
  await withLock(path, undefined, async () => {
    await expect(withLock(path, AbortSignal.abort(new Error('enough')), async () => 'no')).rejects.toThrow(
      'enough',
    );
  });
});
