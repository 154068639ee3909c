import { type Finding, nothingFound, type ProposedGate, type Tree } from '../tree.ts';

/** Targets by the kind of gate that they are, the best name first. */
const names: readonly (readonly [ProposedGate['kind'], readonly string[]])[] = [
  ['format', ['format-check', 'fmt-check', 'check-format', 'check-fmt']],
  ['lint', ['lint']],
  ['types', ['typecheck', 'types', 'type-check']],
  ['test', ['test', 'tests', 'check', 'unittest']],
];

/** The gates of a Makefile or justfile: its targets of the usual names. */
export const makeGates = (tree: Tree): Finding => {
  const makefile = ['GNUmakefile', 'makefile', 'Makefile'].find((path) => tree.texts.has(path));
  if (makefile !== undefined) return targetsOf('make', makefile, tree.texts.get(makefile) ?? '');
  const justfile = tree.texts.get('justfile');
  return justfile === undefined ? nothingFound : targetsOf('just', 'justfile', justfile);
};

/** A script at one of the usual places, when nothing else tells how the tests run. */
export const scriptGates = ({ paths }: Tree): Finding => {
  const path = [
    'script/test',
    'scripts/test.sh',
    'scripts/test',
    'bin/test',
    'test.sh',
    'run_tests.sh',
    'run-tests.sh',
  ].find((one) => paths.has(one));
  if (path === undefined) return nothingFound;
  return {
    gates: [
      { kind: 'test', name: 'test', run: path.endsWith('.sh') ? `sh ${path}` : `./${path}`, why: path },
    ],
  };
};

const targetsOf = (program: 'make' | 'just', file: string, text: string): Finding => {
  // `a b: c` names two targets, `a := c` a variable; of a recipe what follows the name are its parameters.
  const heads = [
    ...text.matchAll(program === 'make' ? /^(\w[^:=#\n]*):(?!=)/gm : /^(\w[\w-]*)[^:\n]*:(?!=)/gm),
  ];
  const targets = new Set(heads.flatMap((match) => (match[1] ?? '').trim().split(/\s+/)));
  const gates = names.flatMap(([kind, candidates]): ProposedGate[] => {
    const target = candidates.find((name) => targets.has(name));
    return target === undefined
      ? []
      : [{ kind, name: kind, run: `${program} ${target}`, why: `${file}: ${target}` }];
  });
  return { gates };
};
