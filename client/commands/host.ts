import type { Command } from 'commander';
import type { TownConfig } from '../../deploy/config/index.ts';
import { isSlug, slugForm } from '../../workflows/domain/naming.ts';
import { nearest } from '../../workflows/domain/nearest.ts';
import type { Answer } from '../answer.ts';
import { askerFor } from '../asker.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import type { ModelFlags } from '../init/models.ts';
import { several, wholeNumber } from '../numbers.ts';
import { hostTable } from '../render/hostPage.ts';
import { tellFindings } from '../tellFindings.ts';
import { ClientError } from '../trouble.ts';

interface AddOptions extends ModelFlags {
  readonly yes?: boolean;
  readonly slots?: number;
  readonly apiKeyEnv?: string;
}

interface CheckOptions {
  readonly quick?: boolean;
}

export const addHost = (program: Command): void => {
  const host = program
    .command('host')
    .summary('the machines that serve models: add, list, check')
    .description('Hosts (machines that serve models) in gastown.yaml. Comments in the file are kept.')
    .addHelpText('after', '\nExamples:\n  gt host add workshop http://192.168.1.20:11434\n  gt host check');
  host
    .command('add')
    .argument('<name>', 'what the town calls it')
    .argument('<url>', 'where its server listens, such as http://192.168.1.20:11434, or only its machine')
    .summary('add a model server')
    .description(
      'Looks at a model server, has the chosen model generate one token, and adds host and model to gastown.yaml. A ' +
        'model that the town has already gets one more host.',
    )
    .option('-y, --yes', 'take what it proposes, and ask nothing')
    .option('--model <name>', 'a model, as the server calls it; several times for several', several)
    .option('--context <tokens>', 'what one request may count on', wholeNumber)
    .option('--slots <n>', 'calls that it serves at once', wholeNumber)
    .option(
      '--api-key-env <name>',
      'the environment variable that holds its key; default: NAME_API_KEY if set',
    )
    .option('--no-check', 'do not have the model generate a token')
    .addHelpText(
      'after',
      '\nExamples:\n  gt host add workshop http://192.168.1.20:11434\n' +
        '  gt host add bunker https://llm.example.com --api-key-env BUNKER_KEY --yes',
    )
    .action(answering(add));
  host
    .command('list')
    .summary('show the model servers')
    .description(
      'Shows the hosts of gastown.yaml with the models that they serve. Nothing is called: see `gt host check`.',
    )
    .addHelpText('after', '\nExamples:\n  gt host list\n  gt host list --json')
    .action(answering(list));
  host
    .command('check')
    .argument('[name]', 'one host; all when left out')
    .summary('ask the model servers for a token')
    .description(
      'Asks each host whether it answers, how many calls it serves at once, where its memory goes, and of each model ' +
        'whether it is there, has the context that gastown.yaml promises, and generates: what `gt doctor` says of hosts. ' +
        'Besides it lists all that is known of each host (what serves there, its version, what it holds, slots, memory, ' +
        'calls, what it can do), each with where that comes from: measured, configured, or unknown. ' +
        'While the town is open, models that are not loaded are left alone: the town decides what is.',
    )
    .option('--quick', 'only look; generate nothing, load nothing')
    .addHelpText('after', '\nExamples:\n  gt host check\n  gt host check workshop --quick')
    .action(answering(check));
};

const add = async (call: Call<AddOptions>, name: string, url: string): Promise<Answer> => {
  const { options } = call;
  const { config } = await call.configured();
  checkName(name, config);
  const { lookAtNamed, readHostAddress } = await import('../init/hosts.ts');
  const { agreeOnModels } = await import('../init/models.ts');
  const asker = askerFor({ yes: options.yes === true, what: 'gt host add' });
  const found = await lookAtNamed(readHostAddress(name, url), options.apiKeyEnv);
  const entry = { ...found.entry, slots: options.slots ?? found.entry.slots };
  const twin = config.hosts.find((one) => one.url === entry.url);
  if (twin !== undefined) throw known(twin.name, entry.url);
  const taken = new Set(config.models.map(({ key }) => key));
  const { models, answered } = await agreeOnModels(asker, [found], options, taken);
  const { addEntry, addToList } = await import('../../deploy/init/edit.ts');
  const { hostLines, modelLines } = await import('../../deploy/init/entries.ts');
  const { changeConfig } = await import('../init/configFile.ts');
  const joined = models.map((model) => ({
    model,
    // The same name with less context is another model to the town: what it promises holds on every host.
    known: config.models.find((one) => one.name === model.name && one.context <= model.context),
  }));
  await changeConfig({ config }, (text) =>
    joined.reduce(
      (changed, one) =>
        one.known === undefined
          ? addEntry(changed, 'models', one.model.key, modelLines(one.model))
          : addToList(changed, ['models', one.known.key, 'hosts'], name),
      addEntry(text, 'hosts', name, hostLines(entry)),
    ),
  );
  return {
    data: {
      file: config.file,
      host: entry,
      models: joined.map(({ model, known: own }) => ({ ...model, key: own?.key ?? model.key })),
      answered,
    },
    lines: () => [
      `Added host ${name} (${entry.software} at ${entry.url}) to ${config.file}:`,
      ...joined.map(({ model, known: own }) =>
        own === undefined
          ? `  model ${model.key}: ${model.name}, ${model.context} tokens of context`
          : `  model ${own.key} is served here, too`,
      ),
      'Next: `gt host check`; an open town takes it in after `gt down` and `gt up`.',
    ],
  };
};

const list = async (call: Call<object>): Promise<Answer> => {
  const { config } = await call.configured();
  const hosts = config.hosts.map((host) => ({
    ...host,
    models: config.models
      .filter((model) => model.hosts.includes(host.name))
      .map(({ key, name, context }) => ({ key, name, context })),
  }));
  return { data: hosts, lines: (terminal) => hostTable(hosts, terminal) };
};

const check = async (call: Call<CheckOptions>, name: string | undefined): Promise<Answer> => {
  const place = await call.configured();
  const { config } = place;
  if (name !== undefined && !config.hosts.some((host) => host.name === name)) throw unknownHost(name, config);
  const { probe } = await import('../../deploy/probe/probe.ts');
  const { isOpen } = await import('../../deploy/town/owner.ts');
  const { home, record } = place;
  const { models, timeZone } = config;
  const { quick = false, json = false } = call.options;
  const hosts = config.hosts.filter((host) => name === undefined || host.name === name);
  const townOpen = await isOpen(record);
  const patience = `Still asking${quick ? '' : ': models are loaded now (--quick leaves that out)'} …`;
  return await tellFindings(
    probe({ home, timeZone, hosts, models, rigs: [], townOpen, thorough: !quick, inFull: true }),
    {
      json,
      patience,
      checks: [...hosts.map((one) => `host ${one.name}`), ...models.map(({ key }) => `model ${key}`)],
    },
  );
};

const checkName = (name: string, { hosts }: TownConfig): void => {
  const taken = hosts.some((host) => host.name === name);
  if (isSlug(name) && !taken) return;
  throw new ClientError(exitCode.badInput, {
    type: 'BadName',
    what: taken ? `There is a host ${name} already.` : 'This name cannot be used.',
    evidence: JSON.stringify(name).slice(0, 80),
    next: taken ? 'Choose another name, or change it in gastown.yaml.' : `A name has ${slugForm}.`,
  });
};

const known = (name: string, url: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'HostExists',
    what: `This server is the host ${name} already; nothing was changed.`,
    evidence: url,
    next: 'See it with `gt host list`; change it in gastown.yaml.',
  });

const unknownHost = (name: string, { hosts }: TownConfig): ClientError => {
  const names = hosts.map((host) => host.name);
  const meant = nearest(name, names);
  return new ClientError(exitCode.badInput, {
    type: 'NoSuchHost',
    what: `There is no host ${JSON.stringify(name).slice(0, 60)}.`,
    evidence: `configured: ${names.join(', ')}`,
    next: meant === undefined ? 'See them with `gt host list`.' : `Did you mean ${meant}?`,
  });
};
