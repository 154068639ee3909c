import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { namesOf } from '../../client/completion/names.ts';
import { gt, townFile } from './gtProcess.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: string;
const scripts = new Map<string, string>();
const town = `${townFile}  # a comment
  web:
    path: ./web
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gt-completion-'));
  await writeFile(join(folder, 'gastown.yaml'), town);
  for (const bead of ['night/core/parser', 'night/core/lexer', 'day/day/one']) {
    const [convoy = '', epic = '', name = ''] = bead.split('/');
    await mkdir(join(folder, 'home/transcripts', convoy, epic), { recursive: true });
    await writeFile(join(folder, 'home/transcripts', convoy, epic, `${name}.jsonl`), '');
  }
  await mkdir(join(folder, 'home/rigs/app/worktrees/day/day/two'), { recursive: true });
  await mkdir(join(folder, 'home/plans'), { recursive: true });
  await writeFile(join(folder, 'home/plans/dawn.yaml'), '');
  // A name that no town gives: a shell would run it.
  await mkdir(join(folder, 'home/transcripts/$(touch owned)/e'), { recursive: true });
  await writeFile(join(folder, 'home/transcripts/$(touch owned)/e/b.jsonl'), '');
  await mkdir(join(folder, 'bin'));
  const script = fileURLToPath(new URL('../../client/gt.mjs', import.meta.url));
  await chmod(script, 0o755).catch(() => {});
  await symlink(process.execPath, join(folder, 'bin/node'));
  await writeFile(join(folder, 'bin/gt'), `#!/bin/sh\nexec node '${script}' "$@"\n`, { mode: 0o755 });
  for (const shell of ['bash', 'zsh', 'fish']) scripts.set(shell, (await gt(['completion', shell], '/')).out);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a real shell offers for these words, the last of them begun. */
const offered: Readonly<Record<string, (words: readonly string[]) => string>> = {
  bash: (words) => `COMP_WORDS=(${quoted(words)})
COMP_CWORD=${words.length - 1}
_gt
printf '%s\\n' "\${COMPREPLY[@]}"`,
  // Without a line editor: what would go into its list is printed.
  zsh: (words) => `words=(${quoted(words)})
CURRENT=${words.length}
PREFIX=$words[-1]
_gt | grep -e "^$PREFIX"`,
  fish: (words) => `complete -C '${words.join(' ')}' | string replace -r '\\t.*' ''`,
};

const before: Readonly<Record<string, string>> = {
  bash: '',
  zsh: `compdef() { : }
_files() { : }
compadd() { print -l -- \${(P)2} }
_describe() { local one; for one in \${(P)2}; do print -r -- \${one%%:*}; done }
`,
  fish: '',
};

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

const offers = async (shell: string, words: readonly string[]): Promise<readonly string[]> => {
  const script = `${before[shell]}${scripts.get(shell)}\n${offered[shell]?.(words)}`;
  const args = { bash: ['--norc', '-c'], zsh: ['-f', '-c'], fish: ['--no-config', '-c'] }[shell] ?? [];
  const { stdout } = await execa(shell, [...args, script], {
    cwd: folder,
    reject: false,
    extendEnv: false,
    env: { PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter), HOME: folder, TERM: 'dumb' },
  });
  return stdout
    .split('\n')
    .filter((word) => word !== '')
    .toSorted();
};

const isThere = async (shell: string): Promise<boolean> =>
  (await execa(shell, ['--version'], { reject: false })).exitCode === 0;

const cases: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
  [['gt', 'pol'], ['polecats']],
  [
    ['gt', 'bead', 'log', ''],
    ['day/day/one', 'day/day/two', 'night/core/lexer', 'night/core/parser'],
  ],
  [['gt', 'bead', 'show', 'night/core/p'], ['night/core/parser']],
  [['gt', 'convoy', 'watch', 'n'], ['night']],
  [
    ['gt', 'stop', 'night/core'],
    ['night/core', 'night/core/lexer', 'night/core/parser'],
  ],
  [
    ['gt', 'pause', 'day'],
    ['day', 'day/day'],
  ],
  [['gt', 'plan', 'show', 'd'], ['dawn']],
  [
    ['gt', 'rig', 'remove', ''],
    ['app', 'web'],
  ],
  [['gt', 'host', 'check', 'd'], ['desk']],
  [['gt', 'submit', 'fix', '--rig', 'w'], ['web']],
  // The second argument is no convoy.
  [['gt', 'budget', 'raise', 'night', 'd'], []],
];

describe.each(['bash', 'zsh', 'fish'])('%s', async (shell) => {
  test.skipIf(!(await isThere(shell)))(
    'completes commands and names of convoys, beads, rigs and hosts',
    async () => {
      for (const [words, expected] of cases)
        expect([words, await offers(shell, words)]).toEqual([words, expected]);
      const elsewhere = ['gt', '--home', join(folder, 'nowhere'), 'bead', 'log', ''];
      expect(await offers(shell, elsewhere)).toEqual([]);
    },
  );
});

test.skipIf(!(await isThere('zsh')))(
  'zsh completes at the first Tab, when the script is a file of its own',
  async () => {
    await mkdir(join(folder, 'functions'), { recursive: true });
    await writeFile(join(folder, 'functions/_gt'), scripts.get('zsh') ?? '');
    const { stdout } = await execa(
      'zsh',
      [
        '-f',
        '-c',
        `${before['zsh']}fpath=(${folder}/functions)\nautoload -U _gt\nwords=(gt pol)\nCURRENT=2\nPREFIX=pol\n_gt`,
      ],
      { cwd: folder },
    );
    expect(stdout).toContain('polecats');
  },
);

test('names come from the disk alone, quickly, and a town that was never open has none', async () => {
  const where = { config: join(folder, 'gastown.yaml') };
  const began = performance.now();
  expect(await namesOf('convoys', where, {}, folder)).toEqual(['day', 'night']);
  expect(await namesOf('hosts', where, {}, folder)).toEqual(['desk']);
  expect(performance.now() - began).toBeLessThan(300);
  expect(await namesOf('beads', { home: join(folder, 'nowhere') }, {}, folder)).toEqual([]);
  expect(await namesOf('rigs', {}, {}, '/')).toEqual([]);
});
