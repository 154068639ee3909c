import type { HostSettings, ModelSettings } from '../../workflows/domain/model.ts';
import type { Trouble } from '../town/trouble.ts';
import { lookAtServer } from './look.ts';
import { proveModel } from './prove.ts';
import type { ModelServer, ServedModel } from './server.ts';
import { lookTrouble } from './trouble.ts';

/** How a host was found to be. */
export interface HostCheck {
  readonly host: string;
  readonly url: string;
  readonly software: string | undefined;
  readonly slots: number | undefined;
  /** Undefined: it answers, and is what the configuration says. */
  readonly trouble: Trouble | undefined;
  readonly models: readonly ModelCheck[];
}

export interface ModelCheck {
  readonly key: string;
  readonly name: string;
  readonly promised: number;
  /** Tokens that one request gets; undefined when the server does not say. */
  readonly context: number | undefined;
  readonly loaded: boolean;
  /** Of one real call of one token; undefined when none was made. */
  readonly ms: number | undefined;
  readonly trouble: Trouble | undefined;
}

/** `loaded`: only models that are in memory, since an open town decides what is loaded (G8). */
export interface CheckOptions {
  readonly generate: 'always' | 'loaded' | 'never';
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
}

/** Compares a host with what the configuration says of it, by looking at it and by a call for one token. */
export const checkHost = async (
  host: HostSettings,
  models: readonly ModelSettings[],
  { generate, env = process.env, timeoutMs }: CheckOptions,
): Promise<HostCheck> => {
  const apiKey = host.apiKeyEnv === undefined ? undefined : env[host.apiKeyEnv];
  const look = await lookAtServer(host.url, apiKey);
  const own = models.filter((model) => model.hosts.includes(host.name));
  const about = { host: host.name, url: host.url };
  if (look.found !== 'server') {
    const { trouble } = lookTrouble(host, look);
    return { ...about, software: undefined, slots: undefined, trouble, models: [] };
  }
  const { server } = look;
  const checks: ModelCheck[] = [];
  // One after another: a host may hold only one of them at a time.
  for (const model of own) {
    const served = server.models.find((one) => isCalled(one, model.name));
    checks.push(await checkModel(host, server, { model, served, apiKey, generate, timeoutMs }));
  }
  const trouble = server.kind === host.kind ? undefined : wrongKind(host, server);
  return { ...about, software: server.software, slots: server.slots, trouble, models: checks };
};

interface Asked {
  readonly model: ModelSettings;
  readonly served: ServedModel | undefined;
  readonly apiKey: string | undefined;
  readonly generate: CheckOptions['generate'];
  readonly timeoutMs: number | undefined;
}

const checkModel = async (host: HostSettings, server: ModelServer, asked: Asked): Promise<ModelCheck> => {
  const { model, served, apiKey, generate, timeoutMs } = asked;
  const about = {
    key: model.key,
    name: model.name,
    promised: model.context,
    loaded: served?.loaded ?? false,
  };
  if (served === undefined)
    return { ...about, context: undefined, ms: undefined, trouble: missing(host, model, server) };
  const tries = generate === 'always' || (generate === 'loaded' && served.loaded);
  const proof = tries ? await proveModel(server, served, apiKey, timeoutMs) : undefined;
  if (proof?.ok === false)
    return { ...about, context: served.context, ms: undefined, trouble: silent(host, model, proof.evidence) };
  const context = proof?.context ?? served.context;
  const small = context !== undefined && context < model.context;
  return { ...about, context, ms: proof?.ms, trouble: small ? tooSmall(host, model, context) : undefined };
};

const isCalled = (served: ServedModel, name: string): boolean =>
  served.name.replace(/:latest$/, '') === name.replace(/:latest$/, '');

const wrongKind = (host: HostSettings, server: ModelServer): Trouble => ({
  type: 'WrongKind',
  what: `Host ${host.name} is ${server.software}, and gastown.yaml says kind: ${host.kind}.`,
  evidence: host.url,
  next: `Write kind: ${server.kind} for host ${host.name}.`,
});

const missing = (host: HostSettings, model: ModelSettings, { url, models }: ModelServer): Trouble => ({
  type: 'ModelMissing',
  what: `Host ${host.name} does not have the model ${model.name}.`,
  evidence: `${url} has: ${
    models
      .slice(0, 12)
      .map(({ name }) => name)
      .join(', ') || 'no model'
  }`,
  next:
    host.kind === 'ollama'
      ? `On the host: ollama pull ${model.name}. Or correct the name of model ${model.key}.`
      : `Correct the name of model ${model.key} to one of these, or serve it there.`,
});

const silent = (host: HostSettings, model: ModelSettings, evidence: string): Trouble => ({
  type: 'ModelDoesNotAnswer',
  what: `Model ${model.name} on host ${host.name} generates nothing.`,
  evidence,
  next: `Read the log of the server at ${host.url}.`,
});

const tooSmall = (host: HostSettings, model: ModelSettings, context: number): Trouble => ({
  type: 'ContextTooSmall',
  what: `Host ${host.name} gives ${model.name} ${context} tokens of context; model ${model.key} promises ${model.context}.`,
  evidence: `${host.url}, asked after a call`,
  next:
    host.kind === 'ollama'
      ? `Make an alias that carries the context: curl ${host.url}/api/create -d '${aliasBody(model)}' and name it in model ${model.key}. Or set context: ${context} there.`
      : `Start the server with more (llama.cpp: -c ${model.context * host.slots} -np ${host.slots}; vLLM: --max-model-len ${model.context}), or set context: ${context} for model ${model.key}.`,
});

const aliasBody = ({ name, context }: ModelSettings): string =>
  JSON.stringify({
    model: `${name.replace(/:latest$/, '').replaceAll(/[:/]/g, '-')}-${Math.round(context / 1024)}k`,
    from: name,
    parameters: { num_ctx: context },
  });
