import { type Finding, nothingFound, type Tree } from '../tree.ts';

/** The gates of a Go module. Modules that are on this machine already are seen in the sandbox. */
export const goGates = ({ texts }: Tree): Finding =>
  texts.has('go.mod')
    ? {
        gates: [
          { kind: 'lint', name: 'vet', run: 'go vet ./...', why: 'go.mod' },
          { kind: 'test', name: 'test', run: 'go test ./...', why: 'go.mod' },
        ],
        format: { run: 'gofmt -w {files:go}', why: 'go.mod' },
        nearest: { run: 'go test {folders}', why: 'go.mod' },
      }
    : nothingFound;

/** The gates of a Rust crate. Crates that are on this machine already are seen in the sandbox. */
export const cargoGates = ({ texts, paths }: Tree): Finding => {
  if (!texts.has('Cargo.toml')) return nothingFound;
  const flags = `--offline${paths.has('Cargo.lock') ? ' --locked' : ''}`;
  const rules = ['rustfmt.toml', '.rustfmt.toml'].find((path) => paths.has(path));
  return {
    gates: [
      ...(rules === undefined
        ? []
        : [{ kind: 'format' as const, name: 'format', run: 'cargo fmt --check', why: rules }]),
      { kind: 'test', name: 'test', run: `cargo test --no-fail-fast ${flags}`, why: 'Cargo.toml' },
    ],
    format: rules === undefined ? undefined : { run: 'cargo fmt', why: rules },
  };
};
