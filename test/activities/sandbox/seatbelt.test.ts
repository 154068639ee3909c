import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SeatbeltRules, seatbeltProfile } from '../../../activities/sandbox/seatbelt.ts';

type Part = string | readonly Part[];

/** Reads the profile as the language has it: lists, words, strings with backslashes. Throws where it does not fit. */
const read = (text: string): readonly Part[] => {
  const stack: Part[][] = [[]];
  const token = /\s+|([()])|"((?:[^"\\]|\\.)*)"|([^\s()"]+)/gy;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (found === null) throw new Error(`no profile at ${at}: ${text.slice(at, at + 40)}`);
    const [, bracket, string, word] = found;
    if (bracket === '(') stack.push([]);
    else if (bracket === ')') {
      const done = stack.pop();
      const above = stack.at(-1);
      if (done === undefined || above === undefined) throw new Error('one bracket too many');
      above.push(done);
    } else if (string !== undefined) stack.at(-1)?.push(`"${string.replaceAll(/\\(.)/g, '$1')}`);
    else if (word !== undefined) stack.at(-1)?.push(word);
  }
  if (stack.length !== 1) throw new Error('a bracket is missing');
  return stack[0] ?? [];
};

/** What the profile says of an operation on a path, by the rule of the language: the last one that fits holds. */
const allows = (profile: readonly Part[], operation: string, path: string): boolean => {
  let verdict = false;
  for (const rule of profile) {
    if (!Array.isArray(rule) || (rule[0] !== 'allow' && rule[0] !== 'deny')) continue;
    const operations = rule.slice(1).filter((part): part is string => typeof part === 'string');
    const filters = rule.slice(1).filter((part): part is readonly Part[] => Array.isArray(part));
    const isMeant = operations.some(
      (name) =>
        name === operation ||
        name === 'default' ||
        (name.endsWith('*') && operation.startsWith(name.slice(0, -1))),
    );
    const fits = ([kind, value]: readonly Part[]): boolean => {
      const wanted = String(value).slice(1);
      if (kind === 'literal') return path === wanted;
      return kind === 'subpath' && (path === wanted || path.startsWith(`${wanted}/`));
    };
    if (isMeant && (filters.length === 0 || filters.some(fits))) verdict = rule[0] === 'allow';
  }
  return verdict;
};

const rules: SeatbeltRules = {
  writable: [
    '/Users/me/town/rigs/r/worktrees/b',
    '/Users/me/town/scratch/1/home',
    '/Users/me/town/scratch/1/tmp',
  ],
  readOnly: ['/Users/me/town/rigs/r/repo.git', '/Users/me/.cargo'],
  hidden: ['/Users/me/town', '/Users/me', '/Users', '/private/tmp'],
  secrets: ['/Users/me/.cargo/credentials'],
  network: 'none',
};
const profile = read(seatbeltProfile(rules));
const tree = '/Users/me/town/rigs/r/worktrees/b';

describe('the profile for sandbox-exec', () => {
  test.each([
    ...['/etc/hosts', '/Users/me/x', '/Users/me/town/town.json', '/Users/me/town/rigs/r/repo.git/config'],
    ...[`${tree}/.git`, `${tree}/.git/hooks/pre-commit`, `${tree}x`, '/', '/private/tmp/x', '/usr/bin/evil'],
  ])('G9: %s cannot be written', (path) => {
    for (const operation of [
      'file-write-data',
      'file-write-create',
      'file-write-unlink',
      'file-write-mode',
    ]) {
      expect(allows(profile, operation, path)).toBe(false);
    }
  });

  test.each([`${tree}/src/a.ts`, tree, '/Users/me/town/scratch/1/home/x', '/Users/me/town/scratch/1/tmp/y'])(
    '%s can',
    (path) => {
      expect(allows(profile, 'file-write-create', path)).toBe(true);
      expect(allows(profile, 'file-read-data', path)).toBe(true);
    },
  );

  test.each([
    ...[
      '/Users/me/.ssh/id_rsa',
      '/Users/other/x',
      '/Users/me/town/town.json',
      '/Users/me/.cargo/credentials',
    ],
    ...['/Users/me/town/rigs/r/worktrees/other/a.ts', '/private/tmp/agent.sock'],
  ])('G9: %s cannot be read', (path) => {
    expect(allows(profile, 'file-read-data', path)).toBe(false);
  });

  test.each([
    '/usr/bin/git',
    '/Users/me/town/rigs/r/repo.git/HEAD',
    '/Users/me/.cargo/bin/cargo',
    `${tree}/.git`,
  ])('%s can be read', (path) => {
    expect(allows(profile, 'file-read-data', path)).toBe(true);
  });

  test('folders on the way can be looked up, not listed', () => {
    expect(allows(profile, 'file-read-metadata', '/Users/me/town')).toBe(true);
    expect(allows(profile, 'file-read-data', '/Users/me/town')).toBe(false);
  });

  test('G9: the network is closed, but for the one port of the proxy, or open as the rig says', () => {
    const words = (network: SeatbeltRules['network']): string => seatbeltProfile({ ...rules, network });
    expect(words('none')).toContain('(deny network*)');
    expect(words('none')).not.toMatch(/allow network/);
    expect(words(4711).match(/allow network.*/g)).toEqual([
      'allow network-outbound (remote ip "localhost:4711"))',
    ]);
    expect(words('host')).toContain('(allow network*)');
  });

  test('G9: no name of a folder ends its string or adds a rule', () => {
    // Of a name of slashes alone nothing is left: that is no folder in /x.
    const names = fc
      .string({ minLength: 1 })
      .map((name) => name.replaceAll('/', ''))
      .filter((name) => name !== '');
    fc.assert(
      fc.property(names, (name) => {
        const path = `/x/${name}`;
        const parts = read(seatbeltProfile({ ...rules, writable: [path] }));
        expect(parts).toHaveLength(read(seatbeltProfile({ ...rules, writable: ['/x/y'] })).length);
        expect(JSON.stringify(parts)).toContain(JSON.stringify(['subpath', `"${path}`]));
      }),
    );
    expect(() => read(seatbeltProfile({ ...rules, writable: ['/x/") (allow default) ("'] }))).not.toThrow();
  });
});
