import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { killTree } from '../../../deploy/town/descendants.ts';
import { isAlive, markOf } from '../../../deploy/town/processes.ts';

test('a process is known by pid and start, so another one with its pid is not taken for it', async () => {
  const mark = await markOf(process.pid);
  expect(mark).toBeDefined();
  if (mark === undefined) return;
  expect(await isAlive(mark)).toBe(true);
  expect(await isAlive({ ...mark, mark: `${mark.mark}0` })).toBe(false);
});

test('a dead process has no mark', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  expect(await markOf(child.pid as number)).toBeUndefined();
});

test('killing a tree reaches processes that have left the group and the session', async () => {
  // Node makes a child in its own session, which makes one more.
  const inner = `const c = require('node:child_process').spawn('sleep', ['600'], {detached: true, stdio: 'ignore'});
    console.log(c.pid); setInterval(() => {}, 1000)`;
  const root = spawn(process.execPath, ['-e', inner], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  onTestFinished(() => void root.kill('SIGKILL'));
  const [line] = (await once(createInterface({ input: root.stdout }), 'line')) as [string];
  const leaf = await markOf(Number(line));
  expect(leaf).toBeDefined();
  const ended = once(root, 'exit');
  killTree(root.pid as number);
  await ended;
  await expect.poll(async () => leaf && (await isAlive(leaf)), { timeout: 5_000 }).toBe(false);
});
