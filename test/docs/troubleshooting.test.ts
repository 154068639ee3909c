import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { failureKinds } from '../../workflows/domain/failure.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs', 'troubleshooting.md'), 'utf8');

/** Name of the entry → its text. */
const entries = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [name = '', ...text] = section.split(/^##/m)[0]?.split('\n') ?? [];
      return [name, text.join(' ').trim()] as const;
    }),
);

const typesIn = (pattern: string): ReadonlySet<string> =>
  new Set(
    globSync(pattern, { cwd: root }).flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/\btype: '([A-Z][A-Za-z]+)'/g)].map(
        ([, type = '']) => type,
      ),
    ),
  );

describe('docs/troubleshooting.md', () => {
  test.each(Object.keys(failureKinds))('G10: has an entry for %s that says what to do', (type) => {
    expect(entries.get(type)?.length ?? 0).toBeGreaterThan(60);
  });

  test.each(Object.entries(failureKinds))('says of %s who acts on it', (type, { owner }) => {
    const actors = { town: /^The town/, polecat: /^The polecat/, overseer: /^You/ };
    expect(entries.get(type)).toMatch(actors[owner]);
  });

  test('has an entry for all that keeps a town from opening', () => {
    const house = [...typesIn('deploy/{town,server,probe}/**/*.ts')];
    expect(house.filter((type) => !entries.has(type))).toEqual([]);
    expect(house.length).toBeGreaterThan(8);
  });

  test('has no entry for an error that no code knows', () => {
    const known = new Set([...Object.keys(failureKinds), ...typesIn('{deploy,client}/**/*.ts')]);
    expect([...entries.keys()].filter((name) => !known.has(name))).toEqual([]);
  });

  test('names only commands that gt has', () => {
    const program = globSync('client/commands/**/*.ts', { cwd: root })
      .map((path) => readFileSync(join(root, path), 'utf8'))
      .join('\n');
    const named = [...page.matchAll(/`gt ([a-z]+)(?: ([a-z-]+))?/g)];
    const lacking = named.filter(([, command = '']) => !program.includes(`.command('${command}`));
    expect(lacking.map(([text]) => text)).toEqual([]);
  });
});
