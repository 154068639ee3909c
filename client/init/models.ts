import {
  bestFirst,
  betterContext,
  freeKey,
  goodContext,
  keyFor,
  promisedContext,
  replyTokens,
} from '../../deploy/hosts/choose.ts';
import { makeAlias } from '../../deploy/hosts/ollama.ts';
import { proveModel } from '../../deploy/hosts/prove.ts';
import type { ServedModel } from '../../deploy/hosts/server.ts';
import type { ModelEntry } from '../../deploy/init/entries.ts';
import { aliasName, isCalled } from '../../workflows/domain/host/modelServer.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { Asker } from '../asker.ts';
import { exitCode } from '../exitCodes.ts';
import { counted, moment } from '../render/amounts.ts';
import { modelLine, modelTable } from '../render/modelTable.ts';
import { ClientError } from '../trouble.ts';
import { type FoundHost, keyOf } from './hosts.ts';
import { contextTooSmall, modelMissing, noModels } from './modelTrouble.ts';
import { say } from './say.ts';

/** What a person has said of models on the command line. */
export interface ModelFlags {
  readonly model?: readonly string[];
  readonly context?: number;
  /** False: believe what the server says. */
  readonly check: boolean;
  /** Change nothing on any server. */
  readonly dryRun?: boolean;
}

export interface AgreedModels {
  readonly models: readonly ModelEntry[];
  /** The others that the hosts have, a line each. */
  readonly others: readonly string[];
  /** Milliseconds of one real call of one token, by model key. */
  readonly answered: Readonly<Record<string, number>>;
}

/** Chooses models of the hosts, has each generate one token, and finds out what context one request gets. */
export const agreeOnModels = async (
  asker: Asker,
  hosts: readonly FoundHost[],
  flags: ModelFlags,
  taken: ReadonlySet<string> = new Set(),
): Promise<AgreedModels> => {
  const wanted = await chooseNames(asker, hosts, flags);
  const models: ModelEntry[] = [];
  const answered: Record<string, number> = {};
  for (const name of wanted) {
    const serving = hosts.flatMap((host) =>
      host.server.models.flatMap((model) => (isCalled(model.name, name) ? [{ host, model }] : [])),
    );
    const made = await proveOn(asker, serving, flags);
    const key = freeKey(keyFor(made.name, 'model'), new Set([...taken, ...models.map((one) => one.key)]));
    if (made.ms !== undefined) answered[key] = made.ms;
    const { name: own, context, hosts: names, about } = made;
    models.push({ key, name: own, context, maxTokens: replyTokens(context), hosts: names, about });
  }
  const others = hosts.flatMap(({ entry, server }) =>
    bestFirst(server.models)
      .filter((model) => !wanted.some((name) => isCalled(model.name, name)))
      .slice(0, 12)
      .map((model) => `${entry.name}: ${modelLine(model)}`),
  );
  return { models, others, answered };
};

interface Serving {
  readonly host: FoundHost;
  readonly model: ServedModel;
}

interface Proved extends Pick<ModelEntry, 'name' | 'context' | 'hosts' | 'about'> {
  readonly ms: number | undefined;
}

/** Every server gives as much. Tokens. */
const assumedContext = 8_192;

/** Proves a model on every host that has it: what it promises is the least of what they give. */
const proveOn = async (asker: Asker, serving: readonly Serving[], flags: ModelFlags): Promise<Proved> => {
  let name = serving[0]?.model.name ?? '';
  let least = Number.POSITIVE_INFINITY;
  let slowest: number | undefined;
  for (const { host, model } of serving) {
    const proved = flags.check ? await prove(host, model) : { ms: undefined, context: model.context };
    const better =
      flags.check && flags.dryRun !== true && host.server.kind === 'ollama' && serving.length === 1
        ? betterContext(proved.context ?? 0, model.trained, flags.context)
        : undefined;
    const alias =
      better === undefined ? undefined : await offerAlias(asker, host, model, better, proved.context);
    const last = alias ?? proved;
    name = alias?.name ?? name;
    if (last.context === undefined && flags.context === undefined)
      say(
        `Note: ${host.entry.name} does not say how much context it gives; ${assumedContext} tokens are assumed. Say --context.`,
      );
    least = Math.min(least, last.context ?? flags.context ?? assumedContext);
    slowest = last.ms === undefined ? slowest : Math.max(slowest ?? 0, last.ms);
  }
  const given = promisedContext(least);
  const context = flags.context === undefined ? given : flags.context;
  if (flags.check && flags.context !== undefined && flags.context > least)
    throw contextTooSmall(
      serving.map(({ host }) => host),
      { model: name, wanted: flags.context, given: least },
    );
  if (context < goodContext)
    say(
      `Note: ${context} tokens of context leave little room for files in a prompt; ${goodContext} or more is better.`,
    );
  const about = [
    modelLine(serving[0]?.model as ServedModel),
    ...(slowest === undefined ? ['not tried'] : [`one token in ${moment(slowest)}`]),
  ].join('; ');
  return { name, context, hosts: serving.map(({ host }) => host.entry.name), about, ms: slowest };
};

const prove = async ({ server, entry }: FoundHost, model: ServedModel) => {
  say(
    `Asking ${oneLine(model.name)} on ${entry.name} for one token${model.loaded ? '' : ' (it has to be loaded first, which may take minutes)'} …`,
  );
  const proof = await proveModel(entry, model.name);
  if (proof.ok) return { ms: proof.ms, context: proof.context ?? model.context };
  throw new ClientError(exitCode.failed, {
    type: 'ModelDoesNotAnswer',
    what: `Model ${oneLine(model.name)} on host ${entry.name} generates nothing.`,
    evidence: `${proof.finding.what}\n${proof.finding.evidence}`,
    next: `Read the log of the server at ${server.url}; choose another model with --model NAME; or write the file without this check: --no-check.`,
  });
};

/** Ollama gives a small context unless a model carries a larger one; an alias carries it and takes no space. */
const offerAlias = async (
  asker: Asker,
  host: FoundHost,
  model: ServedModel,
  context: number,
  given: number | undefined,
) => {
  const name = aliasName(model.name, context);
  const question =
    `Ollama gives ${oneLine(model.name)} ${given ?? 'an unknown number of'} tokens of context, which is little. ` +
    `Make the alias ${oneLine(name)} with ${context} there? It shares the weights`;
  say(...(asker.asks ? [] : [`${question}: yes.`]));
  if (!(await asker.confirm(`${question}.`, true))) return;
  const access = { url: host.server.url, apiKey: keyOf(host.entry.apiKeyEnv) };
  const refused = await makeAlias(access, { name, from: model.name, context });
  if (refused !== undefined) {
    say(`Note: Ollama made no alias (${oneLine(refused, 200)}); going on without.`);
    return;
  }
  return { name, ...(await prove(host, { ...model, name, loaded: false, context })) };
};

const chooseNames = async (
  asker: Asker,
  hosts: readonly FoundHost[],
  { model: given = [] }: ModelFlags,
): Promise<readonly string[]> => {
  for (const { entry, server } of hosts)
    say(`Host ${entry.name}: ${server.software} at ${server.url}, ${counted(server.models.length, 'model')}`);
  const known = new Map(
    hosts.flatMap(({ server }) => server.models.map((model) => [model.name, model] as const)),
  );
  const usable = bestFirst([...known.values()]);
  const missing = given.find(
    (name) => !hosts.some(({ server }) => server.models.some((model) => isCalled(model.name, name))),
  );
  if (missing !== undefined) throw modelMissing(missing, hosts);
  if (given.length > 0) return given;
  const proposed = proposedOf(hosts);
  if (proposed.length === 0) throw noModels(hosts);
  if (!asker.asks || usable.length === 1) return proposed;
  say(...modelTable(usable, process.stderr));
  const numbers = proposed.map((name) => usable.findIndex((model) => isCalled(model.name, name)) + 1);
  for (;;) {
    const answer = await asker.text('Which models (numbers, comma between)', numbers.join(', '));
    const picked = answer.split(/[\s,]+/).map((number) => usable[Number(number) - 1]?.name);
    if (picked.every((name) => name !== undefined)) return [...new Set(picked)];
    say(`Numbers from 1 to ${usable.length}, please.`);
  }
};

/** The best model of every host that was named; of servers that were only found, the best of all. */
const proposedOf = (hosts: readonly FoundHost[]): readonly string[] => {
  const groups = hosts.some(({ named }) => named) ? hosts.map((host) => [host]) : [hosts];
  const best = groups.flatMap((group) => bestFirst(group.flatMap(({ server }) => server.models)).slice(0, 1));
  return [...new Set(best.map(({ name }) => name))];
};
