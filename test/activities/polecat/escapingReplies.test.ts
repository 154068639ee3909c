import { execFileSync } from 'node:child_process';
import { link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorktree, removeHomes } from './worktree.ts';

type Town = Awaited<ReturnType<typeof openWorktree>>;

const file = (path: string, content: string): string => `${path}\n\`\`\`\`\n${content}\`\`\`\`\n`;

let town: Town;
let head: string;
let outside: string;

beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'gastown-replies-'));
  await writeFile(join(outside, 'victim'), 'as it was');
  town = await openWorktree({ 'src/a.ts': 'a\n', 'Docs/Read.md': 'r\n', 'café.ts': 'c\n' });
  // A submodule, as the commit of a repository records one: no files, only another commit.
  await town.inWorktree('update-index', '--add', '--cacheinfo', `160000,${town.base},vendor/lib`);
  await town.inWorktree('commit', '-q', '--amend', '--no-edit');
  head = (await town.inWorktree('rev-parse', 'HEAD')).trim();
});
afterAll(async () => {
  await rm(outside, { recursive: true, force: true });
  await removeHomes();
});

const refusal = async (reply: string): Promise<string> => {
  const gitFile = await readFile(join(town.worktree, '.git'), 'utf8');
  const result = await town.applyReply(await town.applying(reply, { head }));
  if (result.outcome !== 'refused') throw new Error(`it was not refused: ${JSON.stringify(result)}`);
  // Whatever it tried: the same commit, the same files, the same link to the repository.
  expect((await town.inWorktree('rev-parse', 'HEAD')).trim()).toBe(head);
  expect(await readFile(join(town.worktree, '.git'), 'utf8')).toBe(gitFile);
  expect(await readFile(join(outside, 'victim'), 'utf8')).toBe('as it was');
  expect(await readdir(outside)).toEqual(['victim']);
  return town.blobs.get(result.feedback.ref);
};

describe('G9: a reply that tries to get out', () => {
  it.each([
    ...[
      '.git',
      '.git/hooks/pre-commit',
      '.GIT/config',
      '.gIt/HEAD',
      'src/.git/config',
      'git~1/config',
      'GIT~1',
    ],
    ...[
      '.git./config',
      '.git /config',
      '.git::$INDEX_ALLOCATION/config',
      '.g\u200cit/config',
      '\uff0egit/config',
    ],
    ...[
      'gi7eba~1',
      '.git\\config',
      './.git/config',
      'src/../.git/config',
      '.git/worktrees/b/config.worktree',
    ],
  ])('by the repository’s own files, spelled %j', async (path) => {
    expect(await refusal(file(path, '[core]\n\tfsmonitor = evil\n'))).toMatch(/refused|path/i);
  });

  it.each([
    ...['../../../../outside.ts', '/etc/cron.d/evil', '~/.bashrc', 'C:/Windows/evil', '//server/share/evil'],
    ...['src/../../evil.ts', '..', 'a/./b.ts', '\\\\?\\C:\\evil', 'file:///etc/passwd'],
  ])('by a path that leads elsewhere, %j', async (path) => {
    await refusal(file(path, 'evil\n'));
  });

  it.each(['SRC/a.ts', 'src/A.ts', 'docs/read.md', 'Docs/READ.md', 'cafe\u0301.ts', 'CAFÉ.ts'])(
    'by another spelling of a name that is there, %j',
    async (path) => {
      expect(await refusal(file(path, 'evil\n'))).toMatch(/differs only in spelling|that path instead/);
    },
  );

  it('by a submodule, or by taking its place', async () => {
    expect(await refusal(file('vendor/lib/index.js', 'evil\n'))).toContain('submodule');
    expect(await refusal(file('vendor/lib', 'evil\n'))).toContain('submodule');
    expect(await refusal('DELETE vendor/lib')).toMatch(/submodule/);
  });

  it.each([
    ['NUL', 'src/b.ts', 'text\u0000more\n'],
    ['huge', 'src/b.ts', `${'x'.repeat(600_000)}\n`],
  ])('by a content that is %s', async (_, path, content) => {
    await refusal(file(path, content));
  });

  it.each([
    'src/a\u001b]0;evil\u0007.ts',
    'src/a\u202ets.exe',
    'src/a\u0000.ts',
    'src/a\u2028b.ts',
    'src/a\tb.ts',
  ])('by a name with control characters, and is told without them: %j', async (path) => {
    // oxlint-disable-next-line no-control-regex
    expect(await refusal(`${file(path, 'evil\n')}`)).not.toMatch(/[\u0000-\u0008\u001b\u202e\u2028]/);
  });

  it('by a pipe or a socket that a gate left where a file belongs', async () => {
    await mkdir(join(town.worktree, 'left'), { recursive: true });
    execFileSync('mkfifo', [join(town.worktree, 'left', 'pipe.ts')]);
    expect(await refusal(file('left/pipe.ts', 'evil\n'))).toContain('no regular file');
    await rm(join(town.worktree, 'left'), { recursive: true });
  });

  it('by a second name of a file outside that something left: the file outside stays as it was', async () => {
    await link(join(outside, 'victim'), join(town.worktree, 'src', 'twin.ts'));
    const result = await town.applyReply(
      await town.applying(file('src/twin.ts', 'changed\n'), { head, turn: 9 }),
    );
    expect(await readFile(join(outside, 'victim'), 'utf8')).toBe('as it was');
    expect(['applied', 'refused']).toContain(result.outcome);
  });
});
