import { execa } from 'execa';
import { expect, test } from 'vitest';
import { gt } from './gtProcess.ts';

/** What bash would offer for these words, the last of them begun. */
const offered = async (script: string, words: readonly string[]): Promise<readonly string[]> => {
  const line = words.map((word) => `'${word}'`).join(' ');
  const { stdout } = await execa('bash', [
    '--norc',
    '-c',
    `${script}\nCOMP_WORDS=(${line})
COMP_CWORD=${words.length - 1}
_gt
printf '%s\\n' "\${COMPREPLY[@]}"`,
  ]);
  return stdout.split('\n').filter((word) => word !== '');
};

test('bash completes commands, their commands, options and choices, and leaves files to itself', async () => {
  const { out: script } = await gt(['completion', 'bash'], '/');
  expect(await offered(script, ['gt', 'pol'])).toEqual(['polecats']);
  expect(await offered(script, ['gt', 'convoy', ''])).toEqual(expect.arrayContaining(['launch', 'watch']));
  expect(await offered(script, ['gt', '--home', '/x', 'bead', 'lo'])).toEqual(['log']);
  expect(await offered(script, ['gt', 'bead', 'log', 'a/b/c', '--f'])).toEqual([
    '--full',
    '--follow',
    '--format',
  ]);
  expect(await offered(script, ['gt', 'completion', ''])).toEqual(['bash', 'zsh', 'fish']);
  expect(await offered(script, ['gt', 'bead', 'log', 'a/b/c', '--format', ''])).toEqual(['md', 'jsonl']);
  expect(await offered(script, ['gt', 'send', 'overseer', 'x', '--severity', 'w'])).toEqual(['warning']);
  for (const words of [
    ['gt', 'convoy', 'launch', ''],
    ['gt', 'bead', 'log', 'a/b/c', '--turn', ''],
  ])
    expect(await offered(script, words)).toEqual([]);
});

test('zsh and fish get every command with what it does', async () => {
  const zsh = await gt(['completion', 'zsh'], '/');
  expect(zsh).toMatchObject({ code: 0, out: expect.stringContaining("'polecats:who works on what'") });
  const fish = await gt(['completion', 'fish'], '/');
  expect(fish.out).toContain(`complete -c gt -n '__gt_at \\'gt\\'' -f -a 'polecats' -d 'who works on what'`);
});

test('another shell is refused with the ones that there are', async () => {
  const ran = await gt(['completion', 'tcsh'], '/');
  expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('bash, zsh, fish') });
});

test('the glossary fits a terminal and has every word that help uses', async () => {
  const { out } = await gt(['help', 'glossary'], '/');
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  for (const word of [
    'town',
    'rig',
    'epic',
    'bead',
    'convoy',
    'mayor',
    'polecat',
    'refinery',
    'host',
    'gate',
    'parked',
  ])
    expect(out).toMatch(new RegExp(`^${word} `, 'm'));
});
