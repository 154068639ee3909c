import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { detectGates } from '../../../deploy/init/detect.ts';
import { isUrl, lookAtRepository } from '../../../deploy/init/repository.ts';
import { tempRepo } from '../../support/repo.ts';

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'gt-init-')));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const trouble = (type: string, says: RegExp) => ({
  name: type,
  trouble: { type, evidence: expect.stringMatching(says), next: expect.stringMatching(/\S/) },
});

describe('the repository that a person stands in', () => {
  test('is found from a folder inside it, whatever the characters of its path', async () => {
    const path = join(folder, 'Größe und Maß', 'app 2');
    await mkdir(path, { recursive: true });
    await using repo = await tempRepo({
      files: { 'package.json': '{"scripts":{"test":"x"}}', 'src/ä b.js': '' },
    });
    await repo.git('clone', '-q', repo.path, path);
    const found = await lookAtRepository(join(path, 'src'));
    expect(found).toMatchObject({
      source: path,
      isPath: true,
      name: 'app 2',
      branch: 'main',
      remote: repo.path,
      notes: [],
    });
    expect(found.tree.paths).toContain('src/ä b.js');
    expect(detectGates(found.tree).gates).toMatchObject([{ run: 'npm test' }]);
  });

  test('counts as committed: a manifest that only lies about proposes nothing, and changes are named', async () => {
    await using repo = await tempRepo();
    await writeFile(join(repo.path, 'go.mod'), 'module a\n');
    await writeFile(join(repo.path, 'README.md'), 'changed\n');
    const found = await lookAtRepository(repo.path);
    expect(detectGates(found.tree).gates).toEqual([]);
    expect(found.notes).toEqual([expect.stringContaining('One file has changes')]);
  });

  test('lands on what origin calls its own branch, else on the one that is checked out', async () => {
    await using repo = await tempRepo({ branch: 'trunk' });
    const clone = join(folder, 'clone');
    await repo.git('clone', '-q', repo.path, clone);
    await using own = await tempRepo();
    await own.git('switch', '-q', '-c', 'feature');
    await repo.git('-C', clone, 'switch', '-q', '-c', 'feature');
    expect((await lookAtRepository(clone)).branch).toBe('trunk');
    expect((await lookAtRepository(own.path)).branch).toBe('feature');
    await own.git('checkout', '-q', '--detach');
    expect((await lookAtRepository(own.path)).branch).toBe('main');
    expect((await lookAtRepository(own.path, 'feature')).branch).toBe('feature');
    await expect(lookAtRepository(own.path, 'nowhere')).rejects.toMatchObject(
      trouble('NoBranch', /feature, main/),
    );
  });

  test('may be bare', async () => {
    await using repo = await tempRepo({ bare: true, files: { Makefile: 'test:\n' } });
    const found = await lookAtRepository(repo.path);
    expect(found).toMatchObject({ source: repo.path, name: 'remote', branch: 'main' });
    expect(detectGates(found.tree).gates).toMatchObject([{ run: 'make test' }]);
  });

  test('its submodules and LFS files are named before any convoy is refused', async () => {
    await using repo = await tempRepo({
      files: { '.gitmodules': '[submodule "a"]\n', '.gitattributes': '*.bin filter=lfs\n' },
    });
    const { notes } = await lookAtRepository(repo.path);
    expect(notes).toEqual([expect.stringContaining('submodules'), expect.stringContaining('Git LFS')]);
  });
});

describe('G10 what no rig can be made of is refused with what happened, the evidence and what to do', () => {
  test('a folder without a repository, and one that is not there', async () => {
    await expect(lookAtRepository(folder)).rejects.toMatchObject(
      trouble('NotARepository', /not a git repository/),
    );
    await expect(lookAtRepository(join(folder, 'gone'))).rejects.toMatchObject(
      trouble('NotARepository', /gone/),
    );
    await expect(lookAtRepository(join(folder, 'gone'))).rejects.toThrow('There is no folder');
  });

  test('a repository without commits', async () => {
    await using repo = await tempRepo({ files: {} });
    await expect(lookAtRepository(repo.path)).rejects.toMatchObject(trouble('NoCommits', /no branch/));
  });

  test('a shallow clone and a linked worktree, with the command that mends it', async () => {
    await using repo = await tempRepo();
    await repo.commit({ a: '1' });
    const shallow = join(folder, 'shallow');
    await repo.git('clone', '-q', '--depth', '1', pathToFileURL(repo.path).href, shallow);
    await expect(lookAtRepository(shallow)).rejects.toMatchObject({
      trouble: { type: 'ShallowClone', next: expect.stringContaining('--unshallow') },
    });
    const linked = join(folder, 'linked');
    await repo.git('worktree', 'add', '-q', '--detach', linked);
    await expect(lookAtRepository(linked)).rejects.toMatchObject({
      trouble: { type: 'LinkedWorktree', next: expect.stringContaining(repo.path) },
    });
    const spaced = join(folder, 'my own');
    await repo.git('clone', '-q', repo.path, spaced);
    await repo.git('-C', spaced, 'worktree', 'add', '-q', '--detach', `${linked} of it`);
    await expect(lookAtRepository(`${linked} of it`)).rejects.toMatchObject({
      trouble: { next: expect.stringContaining(`cd '${spaced}'`) },
    });
  });
});

describe('a repository elsewhere', () => {
  test.each([
    ['https://example.com/a.git', true],
    ['git@example.com:team/a.git', true],
    ['ssh://git@example.com/a', true],
    ['../a', false],
    ['C:x', false],
    ['/a/b@c:d', false],
  ])('%s is a URL: %s', (source, expected) => {
    expect(isUrl(source)).toBe(expected);
  });

  test('is read without keeping a copy', async () => {
    await using repo = await tempRepo({ bare: true, branch: 'trunk', files: { 'Cargo.toml': '' } });
    const url = pathToFileURL(repo.path).href;
    const found = await lookAtRepository(url);
    expect(found).toMatchObject({ source: url, isPath: false, name: 'remote', branch: 'trunk' });
    expect(detectGates(found.tree).gates).toMatchObject([{ run: 'cargo test --no-fail-fast --offline' }]);
  });

  test('that wants a password is refused at once, without asking and without showing one', async () => {
    const server = createServer((_, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const looked = lookAtRepository(`http://me:s3cret@127.0.0.1:${port}/a.git`);
      await expect(looked).rejects.toMatchObject({
        trouble: {
          type: 'RepositoryUnreadable',
          what: expect.stringContaining('password'),
          next: expect.stringContaining('git ls-remote'),
        },
      });
      await expect(looked).rejects.not.toMatchObject({ message: expect.stringContaining('s3cret') });
    } finally {
      server.close();
    }
  });

  test('that is not there is refused with what git said', async () => {
    const looked = lookAtRepository(pathToFileURL(join(folder, 'none.git')).href);
    await expect(looked).rejects.toMatchObject(trouble('RepositoryUnreadable', /git ls-remote/));
  });
});
