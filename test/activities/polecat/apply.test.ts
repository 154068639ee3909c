import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { AppliedReply } from '../../../workflows/ports.ts';
import { openWorktree, removeHomes } from './worktree.ts';

afterAll(removeHomes);

type Town = Awaited<ReturnType<typeof openWorktree>>;
const file = (path: string, content: string): string => `${path}\n\`\`\`\`\n${content}\`\`\`\`\n`;

const open = (files: Readonly<Record<string, string | Buffer>> = { 'src/a.ts': 'a\n' }): Promise<Town> =>
  openWorktree(files);
const applied = async (town: Town, reply: string): Promise<AppliedReply & { outcome: 'applied' }> => {
  const result = await town.applyReply(await town.applying(reply));
  if (result.outcome !== 'applied') throw new Error(JSON.stringify(result));
  return result;
};
const refused = async (town: Town, reply: string, more = {}): Promise<{ kind: string; text: string }> => {
  const result = await town.applyReply(await town.applying(reply, more));
  if (result.outcome !== 'refused') throw new Error(JSON.stringify(result));
  expect((await town.inWorktree('status', '--porcelain')).trim()).toBe('');
  expect((await town.inWorktree('rev-parse', 'HEAD')).trim()).toBe(town.base);
  return { kind: result.feedback.kind, text: await town.blobs.get(result.feedback.ref) };
};
const read = (town: Town, path: string): Promise<string> => readFile(join(town.worktree, path), 'utf8');

describe('a reply that is applied', () => {
  it('is one commit on the bead’s branch, and in the worktree', async () => {
    const town = await open({ 'src/a.ts': 'a\nb\n', 'src/old.ts': 'x\n', 'src/c.ts': '1\n2\n3\n' });
    const search = 'src/c.ts\n<<<<<<< SEARCH\n2\n=======\nzwei\n>>>>>>> REPLACE\n';
    const reply = `${file('src/a.ts', 'a\nc\n')}${file('new/dir/b.ts', 'n\n')}DELETE src/old.ts\n${search}`;
    const result = await applied(town, reply);
    expect(result).toMatchObject({ files: 4, added: 3, removed: 3 });
    expect(await read(town, 'src/c.ts')).toBe('1\nzwei\n3\n');
    expect(await town.inWorktree('status', '--porcelain')).toBe('');
    expect((await town.git(town.repo, 'rev-parse', 'gt/c/e/b')).trim()).toBe(result.head);
    expect(await town.inWorktree('ls-files')).toBe('new/dir/b.ts\nsrc/a.ts\nsrc/c.ts\n');
    expect(await town.inWorktree('log', '-1', '--format=%P %ct%n%B')).toMatch(
      new RegExp(
        `^${town.base} 1700000001\nGreet people by name\n\nBead: c/e/b\nPolecat: Toast\nModel: m\nTurn: 1\nReply: [0-9a-f]{64}\n`,
      ),
    );
    expect(await town.inWorktree('log', '-1', '--format=%(trailers:key=Polecat,valueonly)')).toContain(
      'Toast',
    );
  });

  it('deletes again without harm what an earlier turn of the bead has deleted', async () => {
    const town = await open({ 'src/a.ts': 'a\n', 'src/old.ts': 'x\n' });
    const first = await applied(town, 'DELETE src/old.ts');
    const again = `DELETE src/old.ts\n${file('src/a.ts', 'b\n')}`;
    const request = await town.applying(again, { head: first.head, turn: 2 });
    expect(await town.applyReply(request)).toMatchObject({ outcome: 'applied', files: 1 });
  });

  it('changes, skips or deletes no test that the bead does not name (G3)', async () => {
    const test = "test('a', () => { assert.ok(a); });\n";
    const town = await open({ 'src/a.js': 'a\n', 'test/a.test.js': test });
    const spec = (await town.applying('')).spec;
    const code = file('src/a.js', 'b\n');
    const skipped = file('test/a.test.js', test.replace('test(', 'test.skip('));
    const protection = await refused(town, code + skipped);
    expect(protection).toMatchObject({ kind: 'unsafe' });
    expect(protection.text).toContain('test/a.test.js is a protected test');
    expect((await refused(town, `${code}DELETE test/a.test.js\n`)).text).toContain(
      'does not say that it is to be deleted',
    );
    const named = { spec: { ...spec, files: ['test/a.test.js'] } };
    expect((await refused(town, code + skipped, named)).text).toContain('tests less than before: 1 skips');
    const approved = { spec: { ...spec, approvedFiles: ['test/a.test.js'] } };
    expect(await town.applyReply(await town.applying(code + skipped, approved))).toMatchObject({ files: 2 });
  });

  it('may change and delete the tests that it has written itself', async () => {
    const town = await open({ 'src/a.js': 'a\n' });
    const first = await applied(town, file('test/new.test.js', "test('a', () => {});\n"));
    const request = await town.applying('DELETE test/new.test.js', { head: first.head, turn: 2 });
    expect(await town.applyReply(request)).toMatchObject({ outcome: 'applied', removed: 1 });
  });

  it('is told the path when it writes a new file in place of the one that the bead names', async () => {
    const town = await open({ 'src/a.js': 'a\n' });
    const { spec } = await town.applying('');
    const { text } = await refused(town, file('lib/a.js', 'b\n'), { spec: { ...spec, files: ['src/a.js'] } });
    expect(text).toContain('write that path instead of lib/a.js');
  });

  it('removes a file whose path has spaces, and takes a sentence for one only where there is such a file', async () => {
    const town = await open({ 'src/a.ts': 'a\n', 'docs/my page.md': 'x\n' });
    const reply = `DELETE docs/my page.md\nDELETE requests are refused now.\n${file('src/a.ts', 'b\n')}`;
    expect(await applied(town, reply)).toMatchObject({ files: 2, removed: 2 });
    expect(await town.inWorktree('ls-files')).toBe('src/a.ts\n');

    const other = await open();
    expect((await refused(other, 'DELETE requests are refused now.')).text).toContain(
      'DELETE names no file that there is (requests are refused now.)',
    );
  });

  it('G9: a path with spaces that leads out of the worktree, or is changed as well, removes nothing', async () => {
    const town = await open({ 'src/a.ts': 'a\n', 'src/my b.ts': 'b\n' });
    expect((await refused(town, 'DELETE ../my b.ts')).text).toContain('DELETE names no file');
    const twice = `DELETE src/my b.ts\n\`src/my b.ts\`\n\`\`\`\nc\n\`\`\`\n`;
    expect((await refused(town, twice)).text).toContain('twice');
  });

  it('keeps the mode of files, and new ones are plain', async () => {
    const town = await open();
    await town.write('run.py', 'x\n');
    await chmod(join(town.worktree, 'run.py'), 0o755);
    await town.inWorktree('add', '-A');
    await town.inWorktree('commit', '-qm', 'mode');
    const head = (await town.inWorktree('rev-parse', 'HEAD')).trim();
    const reply = file('run.py', 'y\n') + file('n.py', 'n\n');
    await town.applyReply(await town.applying(reply, { head }));
    expect((await lstat(join(town.worktree, 'run.py'))).mode & 0o777).toBe(0o755);
    expect((await lstat(join(town.worktree, 'n.py'))).mode & 0o111).toBe(0);
  });

  it('keeps CRLF where a file used it throughout', async () => {
    const town = await open({ 'a.txt': 'x\r\ny\r\n' });
    await applied(town, file('a.txt', 'x\nz\n'));
    expect(await read(town, 'a.txt')).toBe('x\r\nz\r\n');
  });

  it('shows the special tokens of a file to models in another spelling, and reads them back', async () => {
    const town = await open({ 'src/a.ts': 'const end = "<|im_end|>";\n' });
    const { promptRef } = await town.composePrompt(town.composing());
    expect(await town.blobs.get(promptRef)).not.toContain('<|im_end|>');
    await applied(town, file('src/a.ts', 'const end = "<¦im_end¦>" + 1;\n'));
    expect(await read(town, 'src/a.ts')).toBe('const end = "<|im_end|>" + 1;\n');
  });

  it('overwrites what commands left in the worktree', async () => {
    const town = await open();
    await town.write('src/a.ts', 'dirty\n');
    await town.write('src/new.ts', 'litter\n');
    await applied(town, file('src/new.ts', 'n\n'));
    expect(await read(town, 'src/a.ts')).toBe('a\n');
    expect(await read(town, 'src/new.ts')).toBe('n\n');
  });

  it('G3: says that there is nothing to change, as a claim and no more', async () => {
    const town = await open();
    expect(await town.applyReply(await town.applying('It is there.\nNOTHING TO CHANGE'))).toEqual({
      outcome: 'nothingToChange',
    });
  });

  it('takes well under 100 ms', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, at) => [`src/d${at % 60}/f${at}.ts`, 'x\n']),
    );
    const town = await open({ ...many, 'src/a.ts': 'a\n' });
    const times = [];
    let head = town.base;
    for (let turn = 1; turn <= 8; turn++) {
      const request = await town.applying(file('src/a.ts', `${turn}\n`), { head, turn });
      const start = performance.now();
      const result = await town.applyReply(request);
      times.push(performance.now() - start);
      if (result.outcome === 'applied') head = result.head;
    }
    const median = times.sort((a, b) => a - b)[4] ?? 0;
    console.log(`apply on 3,000 files: ${median.toFixed(0)} ms`);
    expect(median).toBeLessThan(400);
  });
});

describe('a reply that is refused', () => {
  // Refusing changes nothing, so all of these may use one rig.
  const refusing = async (): Promise<{ town: Town; head: string }> => {
    const town = await open({
      'src/a.ts': 'a\n',
      'package.json': '{}\n',
      'logo.png': Buffer.from([1, 0, 2]),
    });
    await symlink('/etc', join(town.worktree, 'link'));
    await symlink('/etc/passwd', join(town.worktree, 'link.ts'));
    await town.inWorktree('add', '-A');
    await town.inWorktree('commit', '-q', '--amend', '--no-edit');
    const head = (await town.inWorktree('rev-parse', 'HEAD')).trim();
    return { town, head };
  };
  const shared = refusing();

  it.each([
    ['../out.ts', 'leaves the repository'],
    ['/etc/passwd', 'absolute'],
    ['.git/hooks/post-checkout', 'inside .git'],
    ['.GIT/config', 'inside .git'],
    ['src\\b.ts', 'backslash'],
    ['node_modules/x/index.js', 'set-up'],
    ['Src/b.ts', 'differs only in spelling'],
    ['src/A.ts', 'differs only in spelling'],
    ['src/a.ts/b.ts', 'is a file'],
    ['link/passwd', 'symbolic link'],
    ['link.ts', 'symbolic link'],
    ['package.json', 'scripts'],
    ['.github/workflows/ci.yml', 'CI'],
    ['vitest.config.ts', 'test configuration'],
    ['scripts/lint.sh', 'is run by the command'],
    ['logo.png', 'binary'],
  ])('G9: writes %s', async (path, what) => {
    const { town, head } = await shared;
    const reply = `${file('src/ok.ts', 'ok\n')}\`${path}\`\n\`\`\`\n{"scripts":{"test":"true"}}\n\`\`\`\n`;
    const result = await town.applyReply(await town.applying(reply, { head }));
    expect(result).toMatchObject({ outcome: 'refused', feedback: { kind: 'unsafe' } });
    if (result.outcome === 'refused') expect(await town.blobs.get(result.feedback.ref)).toContain(what);
    // All or nothing: the harmless file of the same reply is not there either.
    await expect(read(town, 'src/ok.ts')).rejects.toThrow('ENOENT');
    expect((await town.inWorktree('rev-parse', 'HEAD')).trim()).toBe(head);
  });

  it('G9: goes through a symbolic link that a test left in the worktree', async () => {
    const town = await open();
    await symlink('/tmp', join(town.worktree, 'out'));
    const result = await town.applyReply(await town.applying(file('out/x.ts', 'x\n')));
    expect(result).toMatchObject({ outcome: 'refused', feedback: { kind: 'unsafe' } });
  });

  it('may change a gate file that the bead lists and a person approved', async () => {
    const town = await open();
    const spec = { ...town.spec, approvedFiles: ['vitest.config.ts'] };
    const result = await town.applyReply(await town.applying(file('vitest.config.ts', 'x\n'), { spec }));
    expect(result.outcome).toBe('applied');
  });

  it('names two spellings of one file', async () => {
    const { kind, text } = await refused(await open(), file('x/a.ts', '1\n') + file('X/a.ts', '2\n'));
    expect(kind).toBe('unsafe');
    expect(text).toContain('same file on some systems');
  });

  it('is too large, or has too many files', async () => {
    const town = await open();
    expect((await refused(town, file('b.ts', `${'x'.repeat(600_000)}\n`))).text).toContain(
      'the most is 524288',
    );
    expect((await refused(town, 'x'.repeat(2_200_000))).text).toContain('larger than');
    const many = Array.from({ length: 101 }, (_, at) => file(`f${at}.ts`, 'x\n')).join('');
    expect((await refused(town, many)).text).toContain('the most is 100');
  });

  it('G3: changes nothing', async () => {
    const { kind, text } = await refused(await open(), file('src/a.ts', 'a\n'));
    expect(kind).toBe('unchanged');
    expect(text).toContain('leaves the files as they are');
  });

  it('is told what is wrong, with the line, the nearest lines of the file, and the accepted form', async () => {
    const town = await open({ 'src/a.ts': 'const one = 1;\nconst two = 2;\n' });
    const reply = 'src/a.ts\n<<<<<<< SEARCH\nconst two = 3;\n=======\nconst two = 4;\n>>>>>>> REPLACE\n';
    const { kind, text } = await refused(town, reply);
    expect(kind).toBe('malformed');
    expect(text).toMatch(/line 2 of your reply: src\/a\.ts: The SEARCH text is not in the file/);
    expect(text).toContain('You wrote: const two = 3;');
    expect(text).toContain('2| const two = 2;');
    expect(text).toContain('Reply in this form');
  });
});

describe('G9: a worktree in which commands ran', () => {
  it('cannot bring configuration of git that runs something', async () => {
    const town = await open();
    const marker = join(town.home.root, 'ran');
    const hook = join(town.home.root, 'hook.sh');
    await writeFile(hook, `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    await rm(join(town.worktree, '.git'));
    await town.inWorktree('init', '-q');
    await town.inWorktree('config', 'core.fsmonitor', hook);
    await applied(town, file('src/a.ts', 'b\n'));
    await expect(lstat(marker)).rejects.toThrow('ENOENT');
    expect(await read(town, 'src/a.ts')).toBe('b\n');
    expect((await town.inWorktree('rev-parse', '--abbrev-ref', 'HEAD')).trim()).toBe('gt/c/e/b');
  });
});

describe('G5: applying again', () => {
  it('finds its own commit, wherever it was stopped', async () => {
    const town = await open();
    const request = await town.applying(file('src/a.ts', 'b\n') + file('src/new.ts', 'n\n'));
    const first = await town.applyReply(request);
    expect(await town.applyReply(request)).toEqual(first);
    // Stopped after the branch moved, before the worktree did.
    await writeFile(join(town.worktree, 'src/a.ts'), 'a\n');
    await rm(join(town.worktree, 'src/new.ts'));
    expect(await town.applyReply(request)).toEqual(first);
    expect(await read(town, 'src/new.ts')).toBe('n\n');
    // Stopped before the branch moved.
    await town.inWorktree('reset', '-q', '--hard', town.base);
    expect(await town.applyReply(request)).toEqual(first);
    expect(await town.inWorktree('status', '--porcelain')).toBe('');
  });

  it('does not bring back a bead that was closed', async () => {
    const town = await open();
    await town.git(town.repo, 'worktree', 'remove', '--force', town.worktree);
    await town.git(town.repo, 'branch', '-qD', 'gt/c/e/b');
    await expect(town.applyReply(await town.applying(file('src/a.ts', 'b\n')))).rejects.toMatchObject({
      type: 'WorktreeLost',
    });
    await expect(lstat(town.worktree)).rejects.toThrow('ENOENT');
  });

  it('keeps work that is on the branch although nobody knows of it', async () => {
    const town = await open();
    const lost = await applied(town, file('src/a.ts', 'lost\n'));
    const next = await applied(town, file('src/a.ts', 'next\n'));
    expect(next.head).not.toBe(lost.head);
    expect(await town.git(town.repo, 'for-each-ref', '--format=%(objectname)', 'refs/gt/kept')).toContain(
      lost.head,
    );
  });

  it('gives the same commit after SIGKILL at any moment', async () => {
    const town = await open();
    const request = await town.applying(file('src/a.ts', 'b\n') + file('src/new.ts', 'n\n'));
    const script = fileURLToPath(new URL('./applyOnce.ts', import.meta.url));
    const start = (): ReturnType<typeof spawn> =>
      spawn(process.execPath, [script, town.home.root, JSON.stringify(request)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    const heads = new Set<string>();
    for (let round = 0; round < 8; round++) {
      const child = start();
      // The child says when it begins; the kill then comes a little later each round.
      await once(child.stdout ?? child, 'data');
      const until = performance.now() + round * 8;
      while (performance.now() < until) await new Promise(setImmediate);
      child.kill('SIGKILL');
      await once(child, 'close');
      const result = await town.applyReply(request);
      if (result.outcome === 'applied') heads.add(result.head);
      expect(await town.inWorktree('status', '--porcelain')).toBe('');
      expect(await read(town, 'src/new.ts')).toBe('n\n');
      await town.inWorktree('reset', '-q', '--hard', town.base);
    }
    expect(heads.size).toBe(1);
  }, 60_000);
});

describe('a rig of which only some folders are checked out', () => {
  const files = { 'top.txt': 't\n', 'app/a.ts': 'a\n', 'data/d.txt': 'd\n' };
  const sparse = ['app', 'tools/new'];
  const openSparse = (): Promise<Town> => openWorktree(files, undefined, { sparse });

  it('is changed inside of them and beside them, and its commits keep the rest', async () => {
    const town = await openSparse();
    const { head } = await applied(
      town,
      file('app/a.ts', 'b\n') + file('top.txt', 'u\n') + file('tools/new/n.ts', 'n\n'),
    );
    expect(await town.git(town.repo, 'ls-tree', '-r', '--name-only', head)).toBe(
      'app/a.ts\ndata/d.txt\ntools/new/n.ts\ntop.txt\n',
    );
    expect(await read(town, 'tools/new/n.ts')).toBe('n\n');
    expect(await read(town, 'data/d.txt').catch(() => 'not there')).toBe('not there');
    expect(await town.inWorktree('status', '--porcelain')).toBe('');
  });

  it.each([
    ['a change', file('data/d.txt', 'e\n')],
    ['a new file', file('data/new.txt', 'e\n')],
    ['a new folder', file('other/new.txt', 'e\n')],
    ['a removal', 'DELETE data/d.txt'],
  ])('G2: %s where no gate would see it is refused, and the feedback names the folders', async (_, reply) => {
    const town = await openSparse();
    const { kind, text } = await refused(town, `${file('app/a.ts', 'b\n')}${reply}`);
    expect(kind).toBe('unsafe');
    expect(text).toContain('outside of the folders that this work is kept to (app, tools/new)');
  });
});
