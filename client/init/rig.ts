import { dirname, isAbsolute, relative } from 'node:path';
import { freeKey, keyFor } from '../../deploy/hosts/choose.ts';
import { detectGates } from '../../deploy/init/detect.ts';
import type { RigEntry } from '../../deploy/init/entries.ts';
import { isUrl, lookAtRepository, type Repository } from '../../deploy/init/repository.ts';
import type { Finding, ProposedGate, ProposedStep } from '../../deploy/init/tree.ts';
import { withoutPassword } from '../../deploy/input/shown.ts';
import { TownError } from '../../deploy/town/trouble.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { Asker } from '../asker.ts';
import { exitCode } from '../exitCodes.ts';
import { counted } from '../render/amounts.ts';
import { ClientError } from '../trouble.ts';
import { say } from './say.ts';

/** What a person has said of a rig on the command line. */
export interface RigFlags {
  readonly name?: string;
  readonly branch?: string;
  readonly land?: string;
  readonly gate?: readonly string[];
  readonly setup?: string | false;
}

/** Looks at a repository and says what it found. Throws a `ClientError` (exit 2) for what no rig can be made of. */
export const findRepository = async (source: string, branch: string | undefined): Promise<Repository> => {
  if (isUrl(source)) say(`Looking at ${oneLine(withoutPassword(source))} …`);
  const repository = await lookAtRepository(source, branch).catch((error: unknown) => {
    throw error instanceof TownError ? new ClientError(exitCode.badInput, error.trouble) : error;
  });
  const { remote, isPath, notes } = repository;
  say(
    `Repository: ${oneLine(repository.source, 200)}, branch ${repository.branch}` +
      (isPath && remote !== undefined ? `, remote ${remote}` : ''),
    ...notes.map((note) => `Note: ${note}`),
  );
  return repository;
};

/** Makes a rig of a repository: its gates and set-up are proposed, and a person, or --yes, agrees. */
export const agreeOnRig = async (
  asker: Asker,
  repository: Repository,
  flags: RigFlags,
  { file, taken }: { readonly file: string; readonly taken: ReadonlySet<string> },
): Promise<RigEntry> => {
  const found = detectGates(repository.tree);
  const gates = await agreeOnGates(asker, repository, found, flags);
  const setup = await agreeOnSetup(asker, found, flags, gates);
  // What was not set up has no formatter and no runner either.
  const ready = setup !== undefined || found.setup === undefined;
  const { format, nearest } = ready ? await agreeOnSteps(asker, found) : {};
  return {
    name: flags.name ?? freeKey(keyFor(repository.name, 'rig'), taken),
    source: repository.isPath ? { path: pathFrom(file, repository.source) } : { url: repository.source },
    branch: repository.branch,
    land: flags.land,
    setup,
    gates,
    format,
    nearest,
    remote: repository.remote,
  };
};

const agreeOnGates = async (
  asker: Asker,
  { tree }: Repository,
  found: Finding,
  { gate: given }: RigFlags,
): Promise<RigEntry['gates']> => {
  if (given !== undefined && given.length > 0) return namedGates(given, 'given as --gate');
  const proposed = found.gates;
  if (proposed.length === 0) {
    say('No command for tests or lint was found.');
    const command = await asker.text('Which command must exit 0 before anything lands?', '');
    if (command === '') throw noGates(tree.paths.size);
    return namedGates([command], 'as you said');
  }
  if (!asker.asks) return proposed;
  say('Gates are commands that must all exit 0 before anything lands. Found:');
  const agreed: ProposedGate[] = [];
  for (const one of proposed) {
    if (await asker.confirm(`  ${shown(one.run)}  (${shown(one.why)}). Use it?`, true)) agreed.push(one);
  }
  const more = await asker.text('Another command (or nothing)', '');
  const all = [...agreed, ...(more === '' ? [] : namedGates([more], 'as you said', agreed))];
  if (all.length === 0) throw noGates(tree.paths.size);
  return all;
};

const agreeOnSetup = async (
  asker: Asker,
  { setup, gates: proposed }: Finding,
  flags: RigFlags,
  gates: RigEntry['gates'],
): Promise<RigEntry['setup']> => {
  if (flags.setup === false || setup === undefined) return;
  if (typeof flags.setup === 'string') return { ...setup, run: flags.setup };
  // Gates of one's own may need nothing of what the repository's own tests need; but most do.
  const used = gates.some(({ run }) => proposed.some((one) => one.run === run)) || asker.asks;
  const question = `Gates need packages (${shown(setup.why)}): run \`${shown(setup.run)}\` in the sandbox, with the network?`;
  return used && (await asker.confirm(question, true)) ? setup : undefined;
};

const agreeOnSteps = async (
  asker: Asker,
  { format, nearest }: Finding,
): Promise<Pick<RigEntry, 'format' | 'nearest'>> => {
  const agreed = async (step: ProposedStep | undefined, question: string) =>
    step !== undefined &&
    (await asker.confirm(`${question}: ${shown(step.run)}  (${shown(step.why)})?`, true))
      ? step
      : undefined;
  return {
    format: await agreed(format, 'Format what polecats write, before the gates'),
    nearest: await agreed(nearest, 'Run the tests nearest to a change first'),
  };
};

const namedGates = (
  commands: readonly string[],
  why: string,
  others: readonly { readonly name: string }[] = [],
): RigEntry['gates'] => {
  const taken = new Set(others.map(({ name }) => name));
  return commands.map((run) => {
    const word = run
      .trim()
      .split(/\s+/)
      .find((part) => /^(test|lint|check|types|typecheck|build|format)\b/.test(part));
    const name = freeKey(keyFor(word ?? '', 'gate'), taken);
    taken.add(name);
    return { name, run, why };
  });
};

/** Relative as long as that is the shorter way to say it: a folder that is moved as a whole goes on working. */
const pathFrom = (file: string, root: string): string => {
  const path = relative(dirname(file), root);
  if (path === '') return '.';
  return isAbsolute(path) || path.startsWith('../..') ? root : path;
};

const shown = (text: string): string => oneLine(text, 100);

const noGates = (files: number): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'NoGates',
    what: 'No gate: the town keeps the branch green by landing only what passed every gate, so it needs at least one command.',
    evidence: `looked in ${counted(files, 'file')} for scripts in package.json, targets in a Makefile, pyproject.toml, go.mod, Cargo.toml, CI files and test scripts`,
    next: 'Name one: --gate "COMMAND", for example --gate "npm test". It may be given several times.',
  });
