import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Repository } from '../../deploy/init/repository.ts';
import { isUrl } from '../../deploy/init/repository.ts';
import { isSlug, slugForm } from '../../workflows/domain/naming.ts';
import { type Answer, jsonLine } from '../answer.ts';
import { type Asker, askerFor } from '../asker.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import type { ModelFlags } from '../init/models.ts';
import type { RigFlags } from '../init/rig.ts';
import { several, wholeNumber } from '../numbers.ts';
import { nearestConfig } from '../places.ts';
import { initPage } from '../render/initPage.ts';
import { ClientError } from '../trouble.ts';

interface Options extends RigFlags, ModelFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly repo?: string;
  readonly host?: readonly string[];
}

export const addInit = (program: Command): void => {
  program
    .command('init')
    .summary('write a gastown.yaml for the repository that you stand in')
    .description(
      'Makes a town (one installation of Gas Town) for the repository that you stand in: finds its branch and the ' +
        'commands that check it, the model servers of this machine and their models, asks you about each, has the model ' +
        'generate one token, and writes a commented gastown.yaml. Nothing else is changed, nothing is started.',
    )
    .option('-y, --yes', 'take what it proposes, and ask nothing')
    .option('--dry-run', 'only print the file that it would write')
    .option('--repo <path|url>', 'another repository than the one here')
    .option('--branch <name>', 'the branch that work lands on')
    .option('--name <name>', 'what the town and the rig (repository) are called')
    .option('--gate <command>', 'must exit 0 before anything lands; several times for several', several)
    .option('--setup <command>', 'prepares what the gates need')
    .option('--no-setup', 'gates need no set-up')
    .option('--land <mode>', 'push (default), local, or branch:NAME')
    .option(
      '--host <machine>',
      'a model server, instead of those of this machine; several times for several. A key is taken from NAME_API_KEY',
      several,
    )
    .option('--model <name>', 'a model, as its host calls it; several times for several', several)
    .option('--context <tokens>', 'what one request may count on', wholeNumber)
    .option('--no-check', 'do not have the model generate a token')
    .addHelpText(
      'after',
      '\nExamples:\n  gt init\n  gt init --yes --gate "npm test" --model qwen3-coder:30b\n' +
        '  gt init --yes --host workshop=http://192.168.1.20:11434\n  gt init --repo git@example.com:team/app.git',
    )
    .action(answering(init));
};

const init = async (call: Call<Options>): Promise<Answer> => {
  const { options } = call;
  if (options.name !== undefined && !isSlug(options.name)) throw badName(options.name);
  const asker = askerFor({
    yes: options.yes === true || options.dryRun === true,
    what: 'gt init',
    rehearses: true,
  });
  const { agreeOnRig } = await import('../init/rig.ts');
  const { findHosts, readHostFlag } = await import('../init/hosts.ts');
  const { agreeOnModels } = await import('../init/models.ts');
  const named = (options.host ?? []).map(readHostFlag);
  const repository = await repositoryFor(asker, options);
  const file = await fileFor(repository, options.config);
  const rig = await agreeOnRig(asker, repository, options, { file, taken: new Set() });
  const hosts = await findHosts(named, asker);
  const { models, others, answered } = await agreeOnModels(asker, hosts, options);
  const { newConfigText } = await import('../../deploy/init/newConfig.ts');
  const entries = hosts
    .map(({ entry }) => entry)
    .filter(({ name }) => models.some((model) => model.hosts.includes(name)));
  const name = options.name ?? (await freeTownName(rig.name, file));
  const text = newConfigText({ name, hosts: entries, models, otherModels: others, rig });
  const data = { file, name, rig, hosts: entries, models, answered };
  if (options.dryRun)
    return { data: { ...data, text }, meta: { dryRun: true }, lines: () => text.trimEnd().split('\n') };
  if (!(await asker.confirm(`Write ${file}?`, true))) throw notWritten(text);
  const { writeNewConfig } = await import('../init/configFile.ts');
  const config = await writeNewConfig(file, text);
  return {
    data: { ...data, home: config.home },
    lines: (terminal) => initPage({ ...data, home: config.home }, terminal),
  };
};

/** The repository that was named, or the one here; a person who stands in none is asked for one. */
const repositoryFor = async (asker: Asker, { repo, branch }: Options): Promise<Repository> => {
  const { findRepository } = await import('../init/rig.ts');
  const given = repo === undefined || isUrl(repo) ? repo : resolve(repo);
  try {
    return await findRepository(given ?? process.cwd(), branch);
  } catch (error) {
    const isNone = error instanceof ClientError && error.trouble.type === 'NotARepository';
    if (!isNone || !asker.asks || given !== undefined) throw error;
    const answer = await asker.text(
      `${process.cwd()} is not in a git repository. Which one (a path or URL)`,
      '',
    );
    if (answer === '') throw error;
    return await findRepository(isUrl(answer) ? answer : resolve(answer), branch);
  }
};

/** Where the file is to be: in the repository, beside it when it has no work tree, or here for a URL. */
const fileFor = async (repository: Repository, given: string | undefined): Promise<string> => {
  const bare = repository.isPath && !(await exists(join(repository.source, '.git')));
  const file =
    given === undefined
      ? join(repository.isPath && !bare ? repository.source : process.cwd(), 'gastown.yaml')
      : resolve(given);
  const near = given === undefined ? await nearestConfig(dirname(file)) : undefined;
  const taken = (await exists(file)) ? file : near;
  if (taken === undefined) return file;
  throw new ClientError(exitCode.badInput, {
    type: 'TownExists',
    what: 'There is a town here already; nothing was changed.',
    evidence: taken,
    next: 'Add to it: `gt rig add PATH` (a repository), `gt host add NAME URL` (a model server). Or make another one: gt init --config FILE.',
  });
};

/** Two towns of one name would share a home and a namespace. */
const freeTownName = async (name: string, file: string): Promise<string> => {
  const { homeOfTown } = await import('../../deploy/config/index.ts');
  const { readRecord } = await import('../../deploy/town/record.ts');
  for (let number = 1; number < 100; number += 1) {
    const candidate = number === 1 ? name : `${name.slice(0, 36)}-${number}`;
    const record = await readRecord(homeOfTown(candidate, file));
    if (record === undefined || record.config === file || process.env['GASTOWN_HOME'] !== undefined)
      return candidate;
  }
  return name;
};

const exists = async (path: string): Promise<boolean> =>
  await access(path).then(
    () => true,
    () => false,
  );

const badName = (name: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'BadName',
    what: 'This name cannot be used.',
    evidence: `--name ${jsonLine(name).slice(0, 80)}`,
    next: `A name has ${slugForm}.`,
  });

const notWritten = (text: string): ClientError =>
  new ClientError(exitCode.refused, {
    type: 'NotWritten',
    what: 'No file was written, as you said. This is what it would have been:',
    evidence: text,
    next: 'Say `gt init` again, or copy this by hand.',
  });
