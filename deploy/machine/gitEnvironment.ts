/** The two environments that git runs in. */

/**
 * Sealed: nothing of the user's or the system's configuration, no inherited `GIT_*`, no hooks, no prompts, and an identity that
 * is the same everywhere, so that the same work makes the same commits.
 */
export const plumbingEnvironment = (): NodeJS.ProcessEnv => (sealed ??= seal(process.env));

/** The user's own, so that credential helpers and ssh work as at their prompt, but nothing may ask a question. */
export const transportEnvironment = (): NodeJS.ProcessEnv => {
  const environment: NodeJS.ProcessEnv = { ...process.env };
  for (const name of places) delete environment[name];
  // No window may wait for a person who sleeps.
  delete environment['SSH_ASKPASS'];
  // An editor's terminal sends every question of git to a box in its window; a script that answers by itself is none of these.
  if (environment['VSCODE_GIT_IPC_HANDLE'] !== undefined) delete environment['GIT_ASKPASS'];
  return Object.assign(environment, {
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    SSH_ASKPASS_REQUIRE: 'never',
    GCM_INTERACTIVE: 'never',
    GIT_LFS_SKIP_SMUDGE: '1',
  });
};

let sealed: NodeJS.ProcessEnv | undefined;

/** By `GIT_CONFIG_*` and not `-c`, so that git's own children get it and evidence shows short commands. */
const configuration: readonly (readonly [string, string])[] = [
  // Checkout runs `post-checkout`, update-ref `reference-transaction`: code that the repository controls.
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.untrackedCache', 'false'],
  // Worktrees would keep a log of HEAD each, that nobody reads: branches and kept refs hold what matters.
  ['core.logAllRefUpdates', 'false'],
  ['core.autocrlf', 'false'],
  ['core.quotePath', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  // The default reports a renamed folder as a conflict without any unmerged file; false leaves the file where it was.
  ['merge.directoryRenames', 'false'],
  ['merge.renames', 'true'],
  ['merge.conflictStyle', 'merge'],
  ['commit.gpgSign', 'false'],
  ['advice.detachedHead', 'false'],
  // The home may be on a volume of another user; this profile is only ever used inside it.
  ['safe.directory', '*'],
];

const seal = (own: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const environment: NodeJS.ProcessEnv = {};
  for (const name of kept) if (own[name] !== undefined) environment[name] = own[name];
  Object.assign(environment, {
    LC_ALL: 'C',
    TZ: 'UTC',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_PAGER: 'cat',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
    GIT_CONFIG_COUNT: String(configuration.length),
  });
  for (const [index, [key, value]] of configuration.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return environment;
};

/** Author and committer of all that the town commits; who did the work is a trailer. */
export const identity = { name: 'Gas Town', email: 'gastown@localhost' } as const;

/** What the git binary itself may need to start. */
const kept = ['PATH', 'HOME', 'TMPDIR', 'DEVELOPER_DIR', 'LD_LIBRARY_PATH', 'NIX_LD', 'NIX_LD_LIBRARY_PATH'];

/** Variables that would send git to another repository (as `git rev-parse --local-env-vars` lists them). */
const places = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_GRAFT_FILE',
  'GIT_REPLACE_REF_BASE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_CEILING_DIRECTORIES',
];
