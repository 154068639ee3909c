import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { TownConfig } from '../../deploy/config/index.ts';
import { isUrl } from '../../deploy/init/repository.ts';
import { isSlug, slugForm } from '../../workflows/domain/naming.ts';
import { nearest } from '../../workflows/domain/nearest.ts';
import type { Answer } from '../answer.ts';
import { askerFor } from '../asker.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import type { RigFlags } from '../init/rig.ts';
import { several } from '../numbers.ts';
import { stepLines } from '../render/initPage.ts';
import { rigTable } from '../render/rigTable.ts';
import { ClientError } from '../trouble.ts';

interface AddOptions extends RigFlags {
  readonly yes?: boolean;
}

export const addRig = (program: Command): void => {
  const rig = program
    .command('rig')
    .summary('the repositories of the town: add, list, remove')
    .description('Rigs (repositories that the town works on) in gastown.yaml. Comments in the file are kept.')
    .addHelpText('after', '\nExamples:\n  gt rig add ~/code/app\n  gt rig list');
  rig
    .command('add')
    .argument('<path|url>', 'a git repository on this machine, or a URL that git understands')
    .summary('add a repository')
    .description(
      'Looks at a repository, proposes its gates (commands that check it), and adds it to gastown.yaml.',
    )
    .option('-y, --yes', 'take what it proposes, and ask nothing')
    .option('--name <name>', 'what plans call it; the name of its folder when left out')
    .option('--branch <name>', 'the branch that work lands on')
    .option('--gate <command>', 'must exit 0 before anything lands; several times for several', several)
    .option('--setup <command>', 'prepares what the gates need')
    .option('--no-setup', 'gates need no set-up')
    .option('--land <mode>', 'push (default), local, or branch:NAME')
    .addHelpText(
      'after',
      '\nExamples:\n  gt rig add ~/code/app\n  gt rig add git@example.com:team/app.git --yes --land branch:gastown/main',
    )
    .action(answering(add));
  rig
    .command('list')
    .summary('show the repositories')
    .description('Shows the rigs (repositories) of gastown.yaml with branch, way to land and gates.')
    .addHelpText('after', '\nExamples:\n  gt rig list\n  gt rig list --json')
    .action(answering(list));
  rig
    .command('remove')
    .argument('<name>', 'the rig, as `gt rig list` calls it')
    .summary('remove a repository')
    .description(
      'Takes a rig (repository) out of gastown.yaml. The repository itself stays as it is, and so do the town’s copy ' +
        'and worktrees in its home. Refused while a convoy works on it.',
    )
    .addHelpText('after', '\nExamples:\n  gt rig remove app')
    .action(answering(remove));
};

const add = async (call: Call<AddOptions>, source: string): Promise<Answer> => {
  const { options } = call;
  const { config } = await call.configured();
  const asker = askerFor({ yes: options.yes === true, what: 'gt rig add' });
  const taken = new Set(config.rigs.map(({ name }) => name));
  if (options.name !== undefined) checkName(options.name, taken);
  const { agreeOnRig, findRepository } = await import('../init/rig.ts');
  const repository = await findRepository(isUrl(source) ? source : resolve(source), options.branch);
  const twin = config.rigs.find(
    (one) => one.source === repository.source && one.branch === repository.branch,
  );
  if (twin !== undefined) throw known(twin.name, repository.source);
  const rig = await agreeOnRig(asker, repository, options, { file: config.file, taken });
  const { changeConfig } = await import('../init/configFile.ts');
  const { addEntry } = await import('../../deploy/init/edit.ts');
  const { rigLines } = await import('../../deploy/init/entries.ts');
  await changeConfig({ config }, (text) => addEntry(text, 'rigs', rig.name, rigLines(rig)));
  return {
    data: { file: config.file, rig },
    lines: () => [
      `Added rig ${rig.name} (branch ${rig.branch}) to ${config.file}:`,
      ...rig.gates.map((gate) => `  gate    ${gate.name}: ${gate.run}`),
      ...stepLines(rig),
      ...(rig.setup === undefined ? [] : [`  set-up  ${rig.setup.run}`]),
      `Next: \`gt doctor\`; an open town takes it in after \`gt down\` and \`gt up\`.`,
    ],
  };
};

const list = async (call: Call<object>): Promise<Answer> => {
  const { rigs } = (await call.configured()).config;
  return { data: rigs, lines: (terminal) => rigTable(rigs, terminal) };
};

const remove = async (call: Call<object>, name: string): Promise<Answer> => {
  const place = await call.configured();
  const { config } = place;
  const rig = config.rigs.find((one) => one.name === name);
  if (rig === undefined) throw unknownRig(name, config);
  if (config.rigs.length === 1) throw lastRig(name, config.file);
  const { convoysOn } = await import('../init/convoysOn.ts');
  const busy = await convoysOn(name, place, () => call.town());
  if (busy.length > 0) throw inUse(name, busy);
  const { changeConfig } = await import('../init/configFile.ts');
  const { removeEntry } = await import('../../deploy/init/edit.ts');
  await changeConfig({ config }, (text) => removeEntry(text, 'rigs', name));
  return {
    data: { file: config.file, removed: name },
    lines: () => [
      `Removed rig ${name} from ${config.file}. ${rig.source} is untouched; the town’s copy is in ${config.home}/rigs/${name}.`,
      'An open town lets go of it after `gt down` and `gt up`.',
    ],
  };
};

const checkName = (name: string, taken: ReadonlySet<string>): void => {
  if (isSlug(name) && !taken.has(name)) return;
  throw new ClientError(exitCode.badInput, {
    type: 'BadName',
    what: taken.has(name) ? `There is a rig ${name} already.` : 'This name cannot be used.',
    evidence: `--name ${JSON.stringify(name).slice(0, 80)}`,
    next: taken.has(name) ? 'Choose another name.' : `A name has ${slugForm}.`,
  });
};

const known = (name: string, source: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'RigExists',
    what: `This repository is the rig ${name} already; nothing was changed.`,
    evidence: source,
    next: 'See it with `gt rig list`; change it in gastown.yaml. For another branch of it say --branch NAME.',
  });

const unknownRig = (name: string, { rigs }: TownConfig): ClientError => {
  const names = rigs.map((rig) => rig.name);
  const meant = nearest(name, names);
  return new ClientError(exitCode.badInput, {
    type: 'NoSuchRig',
    what: `There is no rig ${JSON.stringify(name).slice(0, 60)}.`,
    evidence: `configured: ${names.join(', ')}`,
    next: meant === undefined ? 'See them with `gt rig list`.' : `Did you mean ${meant}?`,
  });
};

const lastRig = (name: string, file: string): ClientError =>
  new ClientError(exitCode.refused, {
    type: 'LastRig',
    what: `${name} is the only rig, and a town without one has nothing to work on.`,
    evidence: file,
    next: 'Add another one first: `gt rig add PATH`. To be rid of the town: `gt town remove`.',
  });

const inUse = (name: string, convoys: readonly string[]): ClientError =>
  new ClientError(exitCode.refused, {
    type: 'RigInUse',
    what: `Rig ${name} is worked on; nothing was changed.`,
    evidence: `running convoys: ${convoys.join(', ')}`,
    next: `Wait for them (\`gt convoy watch ${convoys[0]}\`), or end them: \`gt cancel ${convoys[0]}\`.`,
  });
