import { parse } from 'yaml';
import { field, itemsIn } from '../../../workflows/domain/queue/foreign.ts';
import { isWorkflow, type ProposedGate, type Tree } from '../tree.ts';

/** A plain call of a known tool, without a variable, a quote, a pipe or a second command (G9). */
const shapes: readonly (readonly [RegExp, ProposedGate['kind'], string])[] = [
  [/^(npm|pnpm|yarn) (test|t)$|^(npm|pnpm|yarn|bun) run test[\w:-]*$/, 'test', 'test'],
  [/^(npm|pnpm|yarn|bun) (run )?lint[\w:-]*$/, 'lint', 'lint'],
  [/^(npm|pnpm|yarn|bun) (run )?(typecheck|type-check|types)$/, 'types', 'types'],
  [/^(python3? -m )?pytest( [\w./=-]+)*$/, 'test', 'test'],
  [/^(python3? -m )?(ruff|flake8)( [\w./=-]+)*$/, 'lint', 'lint'],
  [/^(python3? -m )?mypy( [\w./=-]+)*$/, 'types', 'types'],
  [/^go test( [\w./=-]+)*$/, 'test', 'test'],
  [/^go vet( [\w./=-]+)*$/, 'lint', 'vet'],
  [/^golangci-lint run( [\w./=-]+)*$/, 'lint', 'lint'],
  [/^cargo test( [\w./=-]+)*$/, 'test', 'test'],
  [/^cargo clippy( [\w./=-]+)*$/, 'lint', 'clippy'],
  [/^cargo fmt (-- )?--check$/, 'format', 'format'],
  [/^make (test|tests|check)$/, 'test', 'test'],
  [/^make lint$/, 'lint', 'lint'],
  [/^\.\/gradlew (test|check)$|^(\.\/mvnw|mvn)( -[\w-]+)* (test|verify)$/, 'test', 'test'],
  [/^(bundle exec )?(rspec|rake test)$|^mix test$|^composer test$|^dotnet test$/, 'test', 'test'],
];

/** What the CI files run, as far as it is a plain call of a known tool. */
export const ciGates = (tree: Tree): readonly ProposedGate[] => {
  const found = [...tree.texts]
    .filter(([path]) => isWorkflow(path))
    .flatMap(([path, text]) => commandsIn(path, text).flatMap((line) => gateOf(path, line)));
  return [...new Map(found.map((gate) => [gate.run, gate] as const)).values()];
};

const gateOf = (path: string, line: string): ProposedGate[] => {
  const [, kind, name] = shapes.find(([shape]) => shape.test(line)) ?? [];
  return kind === undefined || name === undefined ? [] : [{ kind, name, run: line, why: path }];
};

const commandsIn = (path: string, text: string): string[] => {
  let file: unknown;
  try {
    file = parse(text, { maxAliasCount: 20 });
  } catch {
    return [];
  }
  const jobs = path === '.gitlab-ci.yml' ? file : field(file, 'jobs');
  if (typeof jobs !== 'object' || jobs === null) return [];
  const scripts = Object.values(jobs).flatMap((job: unknown) => [
    ...itemsIn(job, 'script'),
    ...itemsIn(job, 'steps').map((step) => field(step, 'run')),
  ]);
  return scripts
    .filter((script) => typeof script === 'string')
    .flatMap((script) => script.split('\n').map((line) => line.trim()));
};
