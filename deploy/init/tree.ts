/** A commit as the rules of detection see it: which paths it has, and the texts of the files that they read. */
export interface Tree {
  readonly paths: ReadonlySet<string>;
  /** Of the files that `isTelling` picks. */
  readonly texts: ReadonlyMap<string, string>;
}

/** A command that somebody may want as a gate. */
export interface ProposedGate {
  readonly kind: 'format' | 'lint' | 'types' | 'test';
  /** A slug. */
  readonly name: string;
  readonly run: string;
  /** Where it was found. */
  readonly why: string;
}

/** How worktrees get what the gates need. */
export interface ProposedSetup {
  readonly run: string;
  readonly caches: readonly string[];
  readonly cacheKey: readonly string[];
  readonly why: string;
}

/** A command that a rig may have beside its gates. */
export interface ProposedStep {
  readonly run: string;
  readonly why: string;
}

/** What one rule has found. */
export interface Finding {
  readonly gates: readonly ProposedGate[];
  readonly setup?: ProposedSetup | undefined;
  /** Formats what polecats write. */
  readonly format?: ProposedStep | undefined;
  /** Runs the tests nearest to a change. */
  readonly nearest?: ProposedStep | undefined;
}

export const nothingFound: Finding = { gates: [] };

/** Files whose contents the rules read. */
export const isTelling = (path: string): boolean =>
  telling.has(path) || /^requirements[\w.-]*\.txt$/.test(path) || isWorkflow(path);

/** A CI file whose commands are read. */
export const isWorkflow = (path: string): boolean =>
  /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path) || path === '.gitlab-ci.yml';

const telling: ReadonlySet<string> = new Set([
  ...['package.json', 'pyproject.toml', 'setup.cfg', 'pytest.ini', 'tox.ini', 'go.mod', 'Cargo.toml'],
  ...['Makefile', 'makefile', 'GNUmakefile', 'justfile', '.gitattributes'],
]);
