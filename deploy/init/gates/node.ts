import { field, textIn } from '../../../workflows/domain/queue/foreign.ts';
import {
  type Finding,
  nothingFound,
  type ProposedGate,
  type ProposedSetup,
  type ProposedStep,
  type Tree,
} from '../tree.ts';

/** Scripts by the kind of gate that they are, the best name first. */
const names: Readonly<Record<ProposedGate['kind'], readonly string[]>> = {
  format: ['format:check', 'check:format', 'fmt:check', 'prettier:check', 'format-check'],
  lint: ['lint', 'lint:check', 'eslint'],
  types: ['typecheck', 'type-check', 'types', 'check-types', 'check:types', 'tsc'],
  test: ['test', 'test:unit', 'tests', 'unit'],
};

/** The gates of a `package.json`: its scripts, by the package manager whose lockfile is there. */
export const nodeGates = (tree: Tree): Finding => {
  const manifest = parsed(tree.texts.get('package.json'));
  if (manifest === undefined) return nothingFound;
  const manager = managerOf(tree);
  const scripts = field(manifest, 'scripts');
  const gates = (['format', 'lint', 'types', 'test'] as const).flatMap((kind): ProposedGate[] => {
    const script = names[kind].find((name) => isUsable(textIn(scripts, name)));
    if (script !== undefined) {
      const run =
        script === 'test' && manager.name !== 'bun'
          ? `${manager.name} test`
          : `${manager.name} run ${script}`;
      return [{ kind, name: kind === 'test' ? 'test' : kind, run, why: `package.json: scripts.${script}` }];
    }
    const typed =
      kind === 'types' && tree.paths.has('tsconfig.json') && needs(manifest).includes('typescript');
    return typed
      ? [
          {
            kind,
            name: 'types',
            run: 'npx --no-install tsc --noEmit',
            why: 'tsconfig.json, and typescript in package.json',
          },
        ]
      : [];
  });
  return {
    gates,
    setup: needs(manifest).length === 0 ? undefined : setupOf(manager),
    format: formatter(tree, manifest),
    nearest: nearest(manifest),
  };
};

const formatter = ({ paths }: Tree, manifest: unknown): ProposedStep | undefined => {
  const packages = needs(manifest);
  const biome = ['biome.json', 'biome.jsonc'].find((path) => paths.has(path));
  // `check --write` would also fail for what it cannot mend.
  if (biome !== undefined && packages.includes('@biomejs/biome'))
    return {
      run: 'npx --no-install biome format --write --no-errors-on-unmatched --files-ignore-unknown=true {files}',
      why: `${biome}, and @biomejs/biome in package.json`,
    };
  return packages.includes('prettier')
    ? {
        run: 'npx --no-install prettier --write --ignore-unknown {files}',
        why: 'package.json: prettier',
      }
    : undefined;
};

const nearest = (manifest: unknown): ProposedStep | undefined => {
  const packages = needs(manifest);
  if (packages.includes('vitest'))
    return { run: 'npx --no-install vitest run {tests}', why: 'package.json: vitest' };
  if (packages.includes('jest'))
    return { run: 'npx --no-install jest --runTestsByPath {tests}', why: 'package.json: jest' };
  const script = textIn(field(manifest, 'scripts'), 'test') ?? '';
  // Its flags decide how files are loaded.
  const [node] =
    /^node(?: --(?!test\b)[\w-]+(?:=[\w./@-]+)?| --(?:import|require|loader) [\w./@-]+)* --test\b(?![-=])/.exec(
      script,
    ) ?? [];
  return node === undefined ? undefined : { run: `${node} {tests}`, why: 'package.json: scripts.test' };
};

interface Manager {
  readonly name: 'npm' | 'pnpm' | 'yarn' | 'bun';
  readonly install: string;
  readonly lock: string;
}

const managerOf = ({ paths }: Tree): Manager => {
  if (paths.has('pnpm-lock.yaml'))
    return { name: 'pnpm', install: 'pnpm install --frozen-lockfile', lock: 'pnpm-lock.yaml' };
  if (paths.has('yarn.lock')) {
    const flag = paths.has('.yarnrc.yml') ? '--immutable' : '--frozen-lockfile';
    return { name: 'yarn', install: `yarn install ${flag}`, lock: 'yarn.lock' };
  }
  for (const lock of ['bun.lock', 'bun.lockb'])
    if (paths.has(lock)) return { name: 'bun', install: 'bun install --frozen-lockfile', lock };
  for (const lock of ['package-lock.json', 'npm-shrinkwrap.json'])
    if (paths.has(lock)) return { name: 'npm', install: 'npm ci', lock };
  return { name: 'npm', install: 'npm install --no-package-lock', lock: 'package.json' };
};

const setupOf = ({ install, lock }: Manager): ProposedSetup => ({
  run: install,
  caches: ['node_modules'],
  cacheKey: [lock],
  why: `${lock === 'package.json' ? 'dependencies in package.json' : lock}`,
});

/** What `npm init` writes is no test, and what watches never ends. */
const isUsable = (script: string | undefined): boolean =>
  script !== undefined && !/no test specified/.test(script) && !/--watch(All)?\b(?!=false)/.test(script);

const needs = (manifest: unknown): string[] =>
  ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((section) => {
    const packages = field(manifest, section);
    return typeof packages === 'object' && packages !== null ? Object.keys(packages) : [];
  });

const parsed = (text: string | undefined): unknown => {
  if (text === undefined) return;
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return;
  }
};
