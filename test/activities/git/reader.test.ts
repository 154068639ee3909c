import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ReaderGone, startReader } from '../../../activities/git/reader.ts';
import { tempRepo } from '../../support/repo.ts';
import { processesWith } from './processes.ts';

const moduleAt = (path: string): string =>
  JSON.stringify(new URL(`../../../activities/git/${path}`, import.meta.url).href);

test('answers come in the order of the questions, with exactly the bytes of each object', async () => {
  const files = { text: 'one\ntwo\n', empty: '', lines: '\n\n\n', large: 'x\n'.repeat(300_000), last: 'z' };
  await using repo = await tempRepo({ bare: true, files });
  const reader = startReader(repo.path);
  const names = Object.keys(files);
  const many = Array.from({ length: 500 }, (_, at) => names[at % names.length] as keyof typeof files);
  const answers = await Promise.all(many.map((name, at) => reader.ask(`main:${name}`, at % 3 !== 0)));
  for (const [at, name] of many.entries()) {
    expect(answers[at]).toMatchObject({ type: 'blob', size: files[name].length });
    expect(answers[at]?.bytes?.toString()).toBe(at % 3 === 0 ? undefined : files[name]);
  }
  reader.close();
});

test('who was asked at the end of a reader is the suspect; the others only stood behind it', async () => {
  await using repo = await tempRepo({ bare: true });
  const reader = startReader(repo.path);
  expect(await reader.ask('main', false)).toMatchObject({ type: 'commit' });
  const [pid] = await processesWith(repo.path);
  process.kill(pid as number, 'SIGSTOP');
  const asked = ['main', 'main^{tree}', 'main:README.md'].map((name) => reader.ask(name, true));
  const ends = Promise.allSettled(asked);
  process.kill(pid as number, 'SIGKILL');
  const reasons = (await ends).map((end) => (end.status === 'rejected' ? (end.reason as ReaderGone) : end));
  expect(reasons).toMatchObject([true, false, false].map((isSuspect) => ({ isSuspect })));
  expect(reasons[0]).toBeInstanceOf(ReaderGone);
  expect(reader.isOpen()).toBe(false);
  await expect(reader.ask('main', false)).rejects.toMatchObject({
    evidence: 'ended by SIGKILL',
    isSuspect: false,
  });
});

test('a reader that says nothing any more is ended, and says so', async () => {
  await using repo = await tempRepo({ bare: true });
  const reader = startReader(repo.path, 50);
  const [pid] = await processesWith(repo.path);
  process.kill(pid as number, 'SIGSTOP');
  await expect(reader.ask('main', false)).rejects.toMatchObject({ evidence: 'no answer in 0.05 s' });
  await expect.poll(() => processesWith(repo.path)).toEqual([]);
});

test('what was asked before a reader is closed is answered, and then it ends', async () => {
  await using repo = await tempRepo({ bare: true, files: { large: 'x'.repeat(500_000) } });
  const reader = startReader(repo.path);
  const asked = Array.from({ length: 20 }, () => reader.ask('main:large', true));
  reader.close();
  expect(reader.isOpen()).toBe(false);
  for (const answer of await Promise.all(asked)) expect(answer?.bytes?.length).toBe(500_000);
  await expect.poll(() => processesWith(repo.path)).toEqual([]);
});

test('the last words of git are the evidence: no repository, no git, no descriptors (G10)', async () => {
  await using repo = await tempRepo({ bare: true });
  const none = startReader(join(repo.path, 'nothing'));
  await expect(none.ask('main', false)).rejects.toMatchObject({
    evidence: expect.stringContaining('exit status 128: fatal: not a git repository'),
    isSuspect: true,
  });
  const script = join(repo.path, 'asks.mts');
  await writeFile(
    script,
    `import { openSync } from 'node:fs';
     import { startReader } from ${moduleAt('reader.ts')};
     if (process.argv[2] === 'full') try { for (;;) openSync('/dev/null', 'r'); } catch {}
     await startReader(${JSON.stringify(repo.path)}).ask('main', false).catch((error) => console.log(error.evidence));`,
  );
  const saidWith = async (command: string): Promise<string> =>
    (await promisify(execFile)('sh', ['-c', `${command}`, 'sh', process.execPath, script])).stdout.trim();
  const [noGit, full] = await Promise.all([
    saidWith('PATH=/nonexistent exec "$@"'),
    saidWith('ulimit -n 64; exec "$@" full'),
  ]);
  expect(noGit).toBe('spawn git ENOENT');
  expect(full).toBe('spawn git EMFILE');
});

test('a process that has asked once ends by itself at once, and its reader with it', async () => {
  await using repo = await tempRepo({ bare: true, files: { large: 'x'.repeat(2_000_000) } });
  const script = join(repo.path, 'once.mts');
  await writeFile(
    script,
    `import { readObject } from ${moduleAt('objects.ts')};
     const { bytes } = await readObject(${JSON.stringify(repo.path)}, 'main:large');
     console.log(bytes.length);
     const answered = performance.now();
     process.on('exit', () => console.log(Math.round(performance.now() - answered)));`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  const [size, ms] = stdout.split('\n').map(Number);
  expect(size).toBe(2_000_000);
  // Idle readers are kept for 5 s.
  expect(ms).toBeLessThan(2_000);
  await expect.poll(() => processesWith(`--git-dir=${repo.path}`)).toEqual([]);
});
