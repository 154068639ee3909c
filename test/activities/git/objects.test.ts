import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { readObject, readObjects, resolveObject } from '../../../activities/git/objects.ts';
import { readRefs } from '../../../activities/git/refs.ts';
import { git, gitLine } from '../../../activities/git/run.ts';
import { repoAt, type TempRepo, tempRepo } from '../../support/repo.ts';
import { processesWith } from './processes.ts';

const bare = (files?: Record<string, string>): Promise<TempRepo> =>
  tempRepo({ bare: true, ...(files === undefined ? {} : { files }) });

const stored = (repo: TempRepo, bytes: string | Buffer): Promise<string> =>
  gitLine(['hash-object', '-w', '--stdin'], { cwd: repo.path, input: bytes });

/** A tree with one entry for each name, whatever is in the names. */
const treeOf = (repo: TempRepo, entries: Readonly<Record<string, string>>): Promise<string> =>
  gitLine(['mktree', '-z', '--missing'], {
    cwd: repo.path,
    input: Object.entries(entries)
      .map(([name, entry]) => `${entry}\t${name}\0`)
      .join(''),
  });

const readersOf = ({ path }: TempRepo): Promise<readonly number[]> => processesWith(`--git-dir=${path}`);

describe('names', () => {
  test('there is nothing by a name that does not fit, and the next question has its own answer', async () => {
    await using repo = await bare();
    const main = await repo.revParse('main');
    const names = [
      'refs/heads/none',
      '1'.repeat(40),
      '',
      ' ',
      '\n',
      '\r',
      ' main',
      'main ',
      'main\r',
      'main\nmain',
      'main\0main',
      'main\0',
      '--batch-all-objects',
      'main..main',
      'main:none\nor so',
      'main:none missing\nor so',
      'main:README.md^{commit}',
      // What looks like an answer.
      `${'1'.repeat(40)} blob 3\nabc`,
      `${main} commit`,
      `${main} commit 12\n`,
      'x missing\ny missing',
      'x missing\n',
    ];
    for (const name of names) {
      const asked = [name, 'main', name, 'main:README.md'].map((each) => resolveObject(repo.path, each));
      const [first, commit, again, blob] = await Promise.all(asked);
      expect([first, again], name).toEqual([undefined, undefined]);
      expect(commit).toMatchObject({ oid: main, type: 'commit' });
      expect(blob).toMatchObject({ type: 'blob', size: 9 });
      expect(await readObject(repo.path, name)).toBeUndefined();
    }
    expect(await readersOf(repo)).toHaveLength(1);
  });

  test('an ambiguous name is nothing', async () => {
    await using repo = await bare();
    const seen = new Map<string, string>();
    for (let number = 0; ; number++) {
      const text = String(number);
      const start = createHash('sha1').update(`blob ${text.length}\0${text}`).digest('hex').slice(0, 4);
      const other = seen.get(start);
      seen.set(start, text);
      if (other === undefined) continue;
      const one = await stored(repo, other);
      await stored(repo, text);
      const found = await readObjects(repo.path, [start, 'main', one]);
      expect([...found.keys()]).toEqual(['main', one]);
      return;
    }
  });

  test('each file is found by its very name, with whatever stands in it', async () => {
    await using repo = await bare();
    const names = [
      'a',
      'a\r',
      ' a',
      'a ',
      'a\nb',
      'a missing',
      'ä\u{1F600}',
      '\n',
      '"a"',
      "a'\\",
      '-a',
      'a:b',
    ];
    const ids = new Map<string, string>();
    for (const name of names) ids.set(name, await stored(repo, `I am ${JSON.stringify(name)}`));
    const tree = await treeOf(
      repo,
      Object.fromEntries(names.map((name) => [name, `100644 blob ${ids.get(name)}`])),
    );
    const found = await readObjects(
      repo.path,
      names.map((name) => `${tree}:${name}`),
    );
    const texts = names.map((name) => found.get(`${tree}:${name}`)?.bytes.toString());
    expect(texts).toEqual(names.map((name) => `I am ${JSON.stringify(name)}`));
  });

  test('tags are followed to what they stand for', async () => {
    await using repo = await bare();
    await repo.git('tag', '-a', '-m', 'one', 'one', 'main');
    await repo.git('tag', '-a', '-m', 'two', 'two', 'one');
    const main = await repo.revParse('main');
    expect(await resolveObject(repo.path, 'two')).toMatchObject({ type: 'tag' });
    expect(await resolveObject(repo.path, 'two^{commit}')).toMatchObject({ oid: main, type: 'commit' });
    expect(await resolveObject(repo.path, 'two^{tree}')).toMatchObject({ type: 'tree' });
    expect(await readRefs(repo.path, ['refs/heads/main', 'refs/heads/none'])).toEqual(
      new Map([['refs/heads/main', main]]),
    );
  });

  test('a submodule is nothing while its commit is elsewhere, and that commit once it is here', async () => {
    await using repo = await bare();
    const tree = await treeOf(repo, { sub: `160000 commit ${'2'.repeat(40)}` });
    const names = [`${tree}:sub`, `${tree}:sub^{commit}`, `${tree}:sub/file`, tree];
    expect([...(await readObjects(repo.path, names)).keys()]).toEqual([tree]);
    const main = await repo.revParse('main');
    const here = await treeOf(repo, { sub: `160000 commit ${main}` });
    expect(await resolveObject(repo.path, `${here}:sub`)).toMatchObject({ oid: main, type: 'commit' });
  });
});

describe('objects', () => {
  test('come byte for byte: empty, binary, larger than a pipe, many at once', async () => {
    await using repo = await bare();
    const blobs = ['', '\n', Buffer.from([0, 10, 13, 0, 255]), randomBytes(3_000_000), '\n'.repeat(70_000)];
    const ids = await Promise.all(blobs.map((bytes) => stored(repo, bytes)));
    for (const some of [ids, ids.toReversed(), Array.from({ length: 12 }, () => ids).flat()]) {
      const found = await readObjects(repo.path, some);
      for (const [at, id] of ids.entries())
        expect(found.get(id)?.bytes.equals(Buffer.from(blobs[at] ?? '')), `blob ${at}`).toBe(true);
    }
    expect(await readersOf(repo)).toHaveLength(1);
  });

  test('one that is too large to be held is refused by its size, before it is read (G10)', async () => {
    await using repo = await bare();
    // Only its beginning: nobody looks further.
    const id = '1'.repeat(40);
    await mkdir(join(repo.path, 'objects/11'));
    await writeFile(join(repo.path, 'objects/11', id.slice(2)), deflateSync('blob 67108865\0x'));
    expect(await resolveObject(repo.path, id)).toMatchObject({ size: 67_108_865 });
    await expect(readObject(repo.path, id)).rejects.toMatchObject({ type: 'GitFailed' });
    await expect(readObject(repo.path, id)).rejects.toThrow('it has 67108865 bytes');
  });

  test('of a SHA-256 repository have their long names', async () => {
    await using repo = await tempRepo({ files: {} });
    const other = repoAt(join(repo.path, 'other.git'));
    await repo.git('init', '-q', '--bare', '--object-format=sha256', '-b', 'main', other.path);
    const commit = await other.commitTo('main', { file: 'text\n' });
    expect(commit).toHaveLength(64);
    expect(await resolveObject(other.path, 'main^{commit}')).toMatchObject({ oid: commit });
    expect((await readObject(other.path, 'main:file'))?.bytes.toString()).toBe('text\n');
  });
});

describe('what changes meanwhile', () => {
  test('a ref is read anew at each question: moved, packed, deleted, made again', async () => {
    await using repo = await bare();
    const tip = async (): Promise<string | undefined> =>
      (await resolveObject(repo.path, 'refs/heads/main^{commit}'))?.oid;
    const first = await tip();
    const second = await repo.commitTo('main', { a: 'a\n' });
    expect(await tip()).toBe(second);
    await repo.git('pack-refs', '--all');
    expect(await tip()).toBe(second);
    await repo.git('update-ref', 'refs/heads/main', first as string);
    expect(await tip()).toBe(first);
    await repo.git('update-ref', '-d', 'refs/heads/main');
    expect(await tip()).toBeUndefined();
    await repo.git('update-ref', 'refs/heads/main', second);
    await repo.git('pack-refs', '--all');
    expect(await tip()).toBe(second);
    expect(await readersOf(repo)).toHaveLength(1);
  });

  test('objects are found as soon as they are written, loose or packed, and after everything was packed anew', async () => {
    await using repo = await bare();
    const found = async (id: string): Promise<string | undefined> =>
      (await readObject(repo.path, id))?.bytes.toString();
    const early = await stored(repo, 'early');
    expect(await found(early)).toBe('early');
    const head = await repo.commitTo('main', { loose: 'loose\n' });
    expect(await found(`${head}:loose`)).toBe('loose\n');
    await git(['-c', 'fastimport.unpackLimit=0', 'fast-import', '--quiet'], {
      cwd: repo.path,
      input: 'blob\ndata 6\npacked\n',
    });
    const packed = createHash('sha1').update('blob 6\0packed').digest('hex');
    expect(await found(packed)).toBe('packed');
    await repo.git('repack', '-adq');
    expect(await found(`${head}:loose`)).toBe('loose\n');
    const later = await repo.commitTo('main', { later: 'later\n' });
    await repo.git('gc', '--quiet', '--prune=now');
    expect(await found(`${later}:later`)).toBe('later\n');
    expect(await found(`${head}:README.md`)).toBe('# Sample\n');
    expect(await readersOf(repo)).toHaveLength(1);
  });

  test('a repository that was deleted and made again at its place is another', async () => {
    await using repo = await bare({ file: 'old\n' });
    const old = await repo.revParse('main');
    expect((await readObject(repo.path, 'main:file'))?.bytes.toString()).toBe('old\n');
    await rm(repo.path, { recursive: true });
    await expect(resolveObject(repo.path, 'main')).rejects.toMatchObject({ type: 'GitFailed' });
    await using other = await bare({ file: 'new\n' });
    await rename(other.path, repo.path);
    expect((await readObject(repo.path, 'main:file'))?.bytes.toString()).toBe('new\n');
    expect(await resolveObject(repo.path, old)).toBeUndefined();
    await expect.poll(() => readersOf(repo)).toHaveLength(1);
  });
});

describe('what goes wrong', () => {
  test('G5: all who asked a reader that is killed are asked again, in the midst of an answer too', async () => {
    await using repo = await bare();
    const large = await stored(repo, randomBytes(2_000_000));
    await resolveObject(repo.path, 'main');
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const asked = Array.from({ length: 12 }, () => readObject(repo.path, large));
      await Promise.race(asked);
      for (const pid of await readersOf(repo)) process.kill(pid, signal);
      for (const answer of await Promise.all(asked)) expect(answer?.bytes.length).toBe(2_000_000);
    }
    for (const pid of await readersOf(repo)) process.kill(pid, 'SIGKILL');
    expect(await resolveObject(repo.path, 'main')).toBeDefined();
  });

  test('a corrupt object fails for who asks for it; whoever asked with it has an answer (G10)', async () => {
    await using repo = await bare();
    const text = randomBytes(50_000).toString('hex');
    const bad = await Promise.all([`1${text}`, `2${text}`].map((each) => stored(repo, each)));
    const good = await Promise.all(Array.from({ length: 6 }, (_, at) => stored(repo, `good ${at}`)));
    for (const id of bad) {
      const path = join(repo.path, 'objects', id.slice(0, 2), id.slice(2));
      const whole = await readFile(path);
      await chmod(path, 0o644);
      await writeFile(path, whole.subarray(0, whole.length / 2));
    }
    const names = [...bad.slice(0, 1), ...good.slice(0, 3), ...bad.slice(1), ...good.slice(3)];
    const ends = await Promise.allSettled(names.map((name) => readObject(repo.path, name)));
    for (const [at, end] of ends.entries()) {
      const isBad = bad.includes(names[at] ?? '');
      expect(end, `${at}`).toMatchObject(
        isBad
          ? { status: 'rejected', reason: { type: 'GitFailed', nonRetryable: false } }
          : { status: 'fulfilled', value: { oid: names[at], type: 'blob' } },
      );
      if (end.status === 'rejected') {
        expect(String(end.reason)).toContain(`asked for ${names[at]}`);
        expect(String(end.reason)).toContain('exit status 128');
      }
    }
  });

  test('where nobody can answer, everybody hears so soon', async () => {
    await using repo = await bare();
    await rm(join(repo.path, 'HEAD'));
    const asked = Array.from({ length: 50 }, () => resolveObject(repo.path, 'refs/heads/main'));
    for (const end of await Promise.allSettled(asked))
      expect(end).toMatchObject({ status: 'rejected', reason: { type: 'GitFailed' } });
    await expect(resolveObject(repo.path, 'main')).rejects.toThrow('not a git repository');
  });

  test('who is cancelled has the reason at once, and the others their answers', async () => {
    await using repo = await bare();
    await resolveObject(repo.path, 'main');
    const [pid] = await readersOf(repo);
    process.kill(pid as number, 'SIGSTOP');
    const abort = new AbortController();
    const cancelled = readObject(repo.path, 'main', abort.signal);
    const other = readObject(repo.path, 'main');
    abort.abort(new Error('cancelled by a person'));
    await expect(cancelled).rejects.toThrow('cancelled by a person');
    await expect(readObject(repo.path, 'main', abort.signal)).rejects.toThrow('cancelled by a person');
    process.kill(pid as number, 'SIGCONT');
    expect(await other).toMatchObject({ type: 'commit' });
  });

  test('a cancellation that comes while the reader is started is heard', async () => {
    await using repo = await bare();
    const abort = new AbortController();
    const asked = resolveObject(repo.path, 'main', abort.signal);
    abort.abort(new Error('too late'));
    await expect(asked).rejects.toThrow('too late');
  });
});

test('a reader ends when it was not asked for a while, and one that is old gives way to another', async () => {
  await using repo = await bare();
  // Only the timers of the readers: what they talk to is real.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  try {
    await resolveObject(repo.path, 'main');
    const [first] = await readersOf(repo);
    for (let seconds = 0; seconds < 56; seconds += 4) {
      vi.advanceTimersByTime(4_000);
      await resolveObject(repo.path, 'main');
    }
    expect(await readersOf(repo)).toEqual([first]);
    vi.advanceTimersByTime(4_001);
    await resolveObject(repo.path, 'main');
    await expect.poll(() => readersOf(repo)).not.toContain(first);
    expect(await readersOf(repo)).toHaveLength(1);
    vi.advanceTimersByTime(5_001);
    await expect.poll(() => readersOf(repo)).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});
