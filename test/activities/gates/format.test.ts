import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type BeadRun, beadRun, step } from './beadRun.ts';
import { gate } from './rig.ts';

let made: BeadRun | undefined;
afterEach(() => made?.remove());
const bead = (...args: Parameters<typeof beadRun>): BeadRun => (made = beadRun(...args));

/** Squeezes runs of spaces, as a formatter does. */
const squeeze = step(
  'for f in {files}; do sed \'s/  */ /g\' "$f" > "$f.t" && cat "$f.t" > "$f" && rm "$f.t"; done',
);
const base = { 'a.txt': 'a  a\n', 'other.txt': 'o  o\n' };
const clean = [gate('clean', '! grep -rn "  " a.txt new.txt')];

describe('what a formatter changes', () => {
  test('becomes one commit on the branch, before the gates run; the worktree follows', async () => {
    const of = bead(base, { 'a.txt': 'b  b\n', 'new.txt': 'n  n\n' }, { format: squeeze, gates: clean });
    const report = await of.runGates();
    expect(report).toMatchObject({ verdict: 'green', head: of.tip() });
    expect(of.git(of.dir, 'rev-parse', 'HEAD^')).toBe(of.head);
    expect([of.show('a.txt'), of.show('new.txt'), of.show('other.txt')]).toEqual(['b b', 'n n', 'o  o']);
    expect(report.tree).toBe(of.git(of.dir, 'rev-parse', 'HEAD^{tree}'));
    expect(of.git(of.dir, 'status', '--porcelain')).toBe('');
    expect(readFileSync(join(of.dir, 'a.txt'), 'utf8')).toBe('b b\n');
    expect(of.git(of.dir, 'log', '-1', '--format=%B')).toBe(
      `change\n\nBead: c/e/b\nFormatted-By: ${squeeze.run.replaceAll(/ +/g, ' ')}`,
    );
    const [parent, own] = of.git(of.dir, 'log', '-2', '--format=%ct', '--reverse').split('\n').map(Number);
    expect(own).toBe((parent ?? 0) + 1);
  });

  test('is no commit when nothing changes, and no run where there is no work or nobody asks', async () => {
    const marks = step('test ! -e {files} || touch ran; echo > /dev/null');
    const tidy = bead(base, { 'a.txt': 'b b\n' }, { format: squeeze, gates: [gate('ok', 'true')] });
    const report = await tidy.runGates();
    expect(report).toMatchObject({ verdict: 'green' });
    expect(report.head).toBeUndefined();
    expect(tidy.tip()).toBe(tidy.head);
    tidy.remove();
    const none = bead(base, {}, { format: marks, gates: [gate('ok', 'test ! -e ran')] });
    expect(await none.runGates()).toMatchObject({ verdict: 'green' });
    none.remove();
    const old = bead(base, { 'a.txt': 'b  b\n' }, { format: squeeze, gates: [gate('ok', 'true')] });
    expect(await old.runGates({ base: old.head })).toMatchObject({ verdict: 'green' });
    expect(old.tip()).toBe(old.head);
  });

  test('G5: killed after its commit and asked again with the old head, it knows its own and makes no second one', async () => {
    const of = bead(
      base,
      { 'a.txt': 'b  b\n' },
      {
        // Never content: each run would add a line.
        format: step('for f in {files}; do echo more >> "$f"; done'),
        gates: [gate('once', 'test "$(grep -c more a.txt)" = 1')],
      },
    );
    const first = await of.runGates();
    expect(first).toMatchObject({ verdict: 'green', head: of.tip() });
    const again = await of.runGates();
    expect(again).toMatchObject({ verdict: 'green', head: first.head, tree: first.tree });
    // Killed between the branch and the files: the worktree still has the old ones.
    of.git(of.dir, 'read-tree', of.head);
    of.git(of.dir, 'checkout-index', '-a', '-f');
    expect(await of.runGates()).toMatchObject({ verdict: 'green', head: first.head });
    expect(of.git(of.dir, 'rev-list', '--count', 'main..HEAD')).toBe('2');
  });

  test('G5: the same work is the same commit, whenever it is formatted', async () => {
    const of = bead(base, { 'a.txt': 'b  b\n' }, { format: squeeze, gates: [gate('ok', 'true')] });
    const first = await of.runGates();
    of.git(of.dir, 'reset', '--hard', '-q', of.head);
    expect((await of.runGates()).head).toBe(first.head);
  });

  test('a branch that is elsewhere is said as such', async () => {
    const of = bead(base, { 'a.txt': 'b  b\n' }, { format: squeeze, gates: [gate('ok', 'true')] });
    of.commit(of.dir, { 'a.txt': 'somebody else\n' });
    await expect(of.runGates()).rejects.toMatchObject({ type: 'WorktreeLost' });
  });
});

describe('what is thrown away', () => {
  test('changes of files that the bead has not touched, and new files', async () => {
    const of = bead(
      base,
      { 'a.txt': 'b  b\n' },
      {
        format: step(`${squeeze.run}; echo x > other.txt; echo x > stray.txt; rm -rf sub; ln -s /etc sub`),
        gates: [gate('ok', 'test ! -e stray.txt && test ! -e sub && grep -q "o  o" other.txt')],
      },
    );
    expect(await of.runGates()).toMatchObject({ verdict: 'green' });
    expect(of.git(of.dir, 'diff', '--name-only', of.head, 'HEAD')).toBe('a.txt');
    expect(existsSync(join(of.dir, 'stray.txt'))).toBe(false);
  });

  test('deletions, modes, links, binary files and files that grow without an end', async () => {
    const work = {
      'a.txt': 'b  b\n',
      'gone.txt': 'g\n',
      'link.txt': 'l\n',
      'bin.txt': 'x\n',
      'big.txt': 'x\n',
    };
    const of = bead(base, work, {
      format: step(
        `${squeeze.run}; chmod +x a.txt; rm gone.txt link.txt; ln -s other.txt link.txt; printf 'a\\0b' > bin.txt; head -c 700000 /dev/zero | tr '\\0' x > big.txt`,
      ),
      gates: [gate('ok', 'true')],
    });
    expect(await of.runGates()).toMatchObject({ verdict: 'green' });
    expect(of.git(of.dir, 'diff', '--raw', '--abbrev=4', of.head, 'HEAD')).toMatch(
      /^:100644 100644 \w+ \w+ M\ta\.txt$/,
    );
    expect(lstatSync(join(of.dir, 'link.txt')).isSymbolicLink()).toBe(false);
  });

  test('G9: what defines the gates, weaker tests, shortcuts and secrets', async () => {
    const work = {
      'package.json': '{"scripts": {"test": "true"}}\n',
      'vitest.config.ts': 'export default {};\n',
      'a.test.js': "test('a', () => expect(1).toBe(1));\ntest('b', () => expect(1).toBe(1));\n",
      'a.js': 'export const a =   1;\n',
      'key.js': 'export const key = 1;\n',
    };
    const of = bead(base, work, {
      format: step(
        [
          'echo \'{"scripts":{"test":"exit 0"}}\' > package.json',
          "echo 'export default {test: {}};' > vitest.config.ts",
          'sed -i 2d a.test.js',
          "printf 'export const a = 1;\\nprocess.exit(0);\\n' > a.js",
          `echo "export const key = '${'AKIA'}${'IOSFODNN7ABCDEFG'}';" > key.js`,
        ].join('; '),
      ),
      gates: [gate('ok', 'true')],
    });
    const report = await of.runGates();
    expect(report).toMatchObject({ verdict: 'green' });
    expect(report.head).toBeUndefined();
    expect(of.tip()).toBe(of.head);
  });

  test('everything of a formatter that fails; when gates are red, its first error is told', async () => {
    const of = bead(
      base,
      { 'a.txt': 'b  b\n' },
      {
        format: step(`${squeeze.run}; echo "error: a.txt:1: unexpected token"; exit 2`),
        gates: [gate('clean', '! grep -n "  " a.txt')],
      },
    );
    const report = await of.runGates();
    expect(report).toMatchObject({ verdict: 'red', failures: [{ gate: 'clean' }] });
    expect(report.head).toBeUndefined();
    expect(of.show('a.txt')).toBe('b  b');
    expect(await of.told(report)).toContain('(exit status 2): error: a.txt:1: unexpected token');
  });

  test('a formatter that is not there, hangs or floods holds nothing back', async () => {
    for (const format of [step('no-such-formatter {files}'), step('sleep 60', 300), step('yes')]) {
      const of = bead(base, { 'a.txt': 'b  b\n' }, { format, gates: [gate('red', 'exit 1')] });
      const report = await of.runGates();
      expect(report).toMatchObject({ verdict: 'red', failures: [{ gate: 'red' }] });
      expect(await of.told(report)).not.toContain('formatter');
      of.remove();
    }
  });
});

test('G9: names of files are words of the command, whatever they hold', async () => {
  const hostile = "x'; touch owned; '$(touch owned) &.txt";
  const of = bead(
    base,
    { [hostile]: 'h  h\n', '-rf.txt': 'r  r\n' },
    {
      format: step('for f in {files}; do test -f "$f" && sed -i -e "s/  */ /g" -- "$f"; done'),
      gates: [gate('ok', 'test ! -e owned')],
    },
  );
  expect(await of.runGates()).toMatchObject({ verdict: 'green' });
  expect(of.show('-rf.txt')).toBe('r r');
  expect(of.show(hostile)).toBe('h h');
});

test('lines that end otherwise in the worktree are kept as git keeps them', async () => {
  const of = bead(
    { '.gitattributes': '*.txt text eol=crlf\n', 'a.txt': 'a  a\n' },
    { 'a.txt': 'b  b\n' },
    {
      format: squeeze,
      gates: [gate('ok', 'true')],
    },
  );
  expect(await of.runGates()).toMatchObject({ verdict: 'green', head: of.tip() });
  expect(of.git(of.dir, 'cat-file', 'blob', 'HEAD:a.txt')).toBe('b b');
  expect(of.git(of.dir, 'status', '--porcelain')).toBe('');
});

test('G3: work of which nothing is left is no work, whatever the gates say', async () => {
  const undone = bead(base, { 'a.txt': 'b\n' }, { gates: [gate('ok', 'true')] });
  const head = undone.commit(undone.dir, { 'a.txt': base['a.txt'] });
  const report = await undone.runGates({ head });
  expect(report).toMatchObject({
    verdict: 'red',
    failures: [{ gate: 'work' }],
    feedback: { kind: 'gates', summary: expect.stringContaining('leave the files as they were') },
  });
  expect(await undone.told(report)).toContain('Do what the task asks for');
  undone.remove();
  const only = bead(
    { 'a.txt': 'a a\n' },
    { 'a.txt': 'a    a\n' },
    { format: squeeze, gates: [gate('ok', 'true')] },
  );
  expect(await only.runGates()).toMatchObject({
    verdict: 'red',
    failures: [{ gate: 'work' }],
    head: only.tip(),
  });
});
