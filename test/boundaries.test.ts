/** The architecture as a test: what may import what, and the few rules that no linter keeps. */
import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Folder → what its files may import: folders or files of ours, and packages by name or prefix. */
const rules: Record<string, { ours: string[]; packages: string[] }> = {
  'workflows/domain': { ours: ['workflows/domain'], packages: [] },
  workflows: { ours: ['workflows'], packages: ['@temporalio/workflow', '@temporalio/common'] },
  'deploy/machine': { ours: ['deploy/machine'], packages: ['*'] },
  activities: {
    ours: ['activities', 'deploy/machine', 'workflows/ports.ts', 'workflows/messages.ts', 'workflows/domain'],
    packages: ['*'],
  },
  deploy: { ours: ['deploy', 'workflows/domain'], packages: ['*'] },
  client: { ours: ['client', 'deploy', 'workflows/messages.ts', 'workflows/domain'], packages: ['*'] },
  workers: { ours: ['workers', 'deploy', 'activities', 'workflows/domain'], packages: ['*'] },
};

interface Source {
  /** Path from the repository's root. */
  readonly path: string;
  readonly text: string;
}

const sourcesIn = (folder: string): Source[] =>
  globSync(`${folder}/**/*.{ts,mts,mjs}`, { cwd: root }).map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  }));

/** `from '…'`, `import '…'` and `import('…')`, at the start of a statement or after a brace. */
const imports = (text: string): string[] =>
  [
    ...text.matchAll(
      /^(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gms,
    ),
  ].map((match) => (match[1] ?? match[2] ?? match[3]) as string);

const inside = (path: string, allowed: string): boolean => path === allowed || path.startsWith(`${allowed}/`);

const isNode = (specifier: string): boolean =>
  specifier.startsWith('node:') || builtinModules.includes(specifier);

/** Every import of a file that its folder's rule does not name. */
const trespasses = (folder: string, { path, text }: Source): string[] => {
  const rule = rules[folder];
  if (rule === undefined) throw new Error(`no rule for ${folder}`);
  return imports(text)
    .filter((specifier) => {
      if (specifier.startsWith('.')) {
        const target = relative(root, join(root, dirname(path), specifier));
        return !rule.ours.some((allowed) => inside(target, allowed));
      }
      if (rule.packages.includes('*')) return false;
      return isNode(specifier) || !rule.packages.some((allowed) => inside(specifier, allowed));
    })
    .map((specifier) => `${path} imports ${specifier}`);
};

/** Without blank lines and comments: those make a file easier to read, not longer. */
const linesOfCode = (text: string): number =>
  text.split('\n').filter((line) => !/^\s*($|\/\/|\/?\*)/.test(line)).length;

const ourSources = (): Source[] =>
  Object.keys(rules).flatMap((folder) =>
    folder === 'workflows/domain' || folder === 'deploy/machine' ? [] : sourcesIn(folder),
  );

describe('imports point inwards', () => {
  test.each(Object.keys(rules))('%s', (folder) => {
    expect(sourcesIn(folder).flatMap((source) => trespasses(folder, source))).toEqual([]);
  });

  test('the check sees every form of import, over lines too, and no import in a comment', () => {
    const text = [
      "import { a } from '../activities/a.ts';",
      'import type {',
      '  B,',
      "} from '../client/b.ts';",
      "export { c } from '../workers/c.ts';",
      "import 'node:fs';",
      "const d = await import('../deploy/d.ts');",
      "// import { e } from '../client/e.ts';",
    ].join('\n');
    expect(trespasses('workflows', { path: 'workflows/x.ts', text })).toHaveLength(5);
  });
});

describe('style that no tool keeps', () => {
  test('only named exports, no enum, no namespace', () => {
    const found = ourSources().filter(({ text }) =>
      /^export default\b|^(export )?(declare )?(const )?enum\b|^export namespace\b/m.test(text),
    );
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  test('no file is named utils, helpers, manager or misc', () => {
    const found = ourSources().filter(({ path }) => /(utils?|helpers?|manager|misc)\.\w+$/i.test(path));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  test('a file in workflows/ stays one noun: at most 200 lines of code, 240 for a rule', () => {
    const limit = (path: string): number => (path.startsWith('workflows/domain/') ? 240 : 200);
    const long = sourcesIn('workflows').filter(({ path, text }) => linesOfCode(text) > limit(path));
    expect(long.map(({ path, text }) => `${path}: ${linesOfCode(text)}`)).toEqual([]);
  });

  test('what runs before the set-up imports only Node and its own folder', () => {
    // downloadInto.mjs is run by the set-up after it has installed the packages.
    const bare = [...sourcesIn('deploy/setup'), ...sourcesIn('client')].filter(
      ({ path }) => path.endsWith('.mjs') && !path.endsWith('downloadInto.mjs'),
    );
    const found = bare.flatMap(({ path, text }) =>
      imports(text)
        .filter((specifier) => !isNode(specifier) && !/^\.\.?\/([\w./]*)\.mjs$/.test(specifier))
        // Loaded once the set-up is done: what the command is.
        .filter((specifier) => !(path === 'client/gt.mjs' && specifier === './gt.ts'))
        .map((specifier) => `${path} imports ${specifier}`),
    );
    expect(bare.length).toBeGreaterThan(5);
    expect(found).toEqual([]);
  });
});

describe('packages', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; resolved?: string }>;
  };

  test('exactly one protobufjs serves @temporalio: with two, histories cannot be read from JSON', () => {
    const copies = Object.keys(lock.packages).filter((path) => path.endsWith('node_modules/protobufjs'));
    const forTemporal = copies.filter((path) => path.includes('@temporalio/'));
    expect(forTemporal).toEqual([]);
    expect(lock.packages['node_modules/protobufjs']?.version).toMatch(/^8\./);
  });

  test('the lock names no registry, so it installs from whichever one a machine uses', () => {
    expect(Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
  });
});
