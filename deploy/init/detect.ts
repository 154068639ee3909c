import { ciGates } from './gates/ci.ts';
import { cargoGates, goGates } from './gates/compiled.ts';
import { makeGates, scriptGates } from './gates/make.ts';
import { nodeGates } from './gates/node.ts';
import { pythonGates } from './gates/python.ts';
import type { Finding, ProposedGate, Tree } from './tree.ts';

/** The order in which gates run: what is quick to fail comes first. */
const kinds = ['format', 'lint', 'types', 'test'] as const;

/**
 * Which commands a repository seems to be checked by. Rules of the languages count most; a Makefile and CI files fill
 * in what they leave open, and a Makefile wins where CI itself calls it.
 */
export const detectGates = (tree: Tree): Finding => {
  const languages = [nodeGates, pythonGates, goGates, cargoGates].map((rule) => rule(tree));
  const make = makeGates(tree).gates;
  const ci = ciGates(tree);
  const chosen = kinds.flatMap((kind) => {
    const of = (gates: readonly ProposedGate[]): readonly ProposedGate[] =>
      gates.filter((gate) => gate.kind === kind);
    const called = of(make).filter(({ run }) => ci.some((gate) => gate.run === run));
    const sources = [
      called,
      of(languages.flatMap(({ gates }) => gates)),
      of(make),
      of(ci),
      of(scriptGates(tree).gates),
    ];
    return sources.find((gates) => gates.length > 0) ?? [];
  });
  const first = <K extends 'setup' | 'format' | 'nearest'>(key: K): Finding[K] =>
    languages.find((language) => language[key] !== undefined)?.[key];
  return {
    gates: named(chosen),
    setup: first('setup'),
    format: first('format'),
    nearest: first('nearest'),
  };
};

/** Every gate of a rig needs a name of its own. */
const named = (gates: readonly ProposedGate[]): readonly ProposedGate[] => {
  const counts = new Map<string, number>();
  return gates.map((gate) => {
    const count = (counts.get(gate.name) ?? 0) + 1;
    counts.set(gate.name, count);
    return count === 1 ? gate : { ...gate, name: `${gate.name}-${count}` };
  });
};
