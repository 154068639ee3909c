/** What people are told of a model host that is not as it should be (G10): the same from beads, the doctor and `gt init`. */
import type { Failure, FailureType } from '../failure.ts';
import type { HostKind, HostSettings, ModelSettings } from './model.ts';
import { aliasName } from './modelServer.ts';

/** A host as far as words about it need. */
export type NamedHost = Pick<HostSettings, 'name' | 'url' | 'apiKeyEnv'>;
type ServingHost = Pick<HostSettings, 'name' | 'url' | 'kind' | 'slots'>;
/** A model entry as far as words about it need. */
export type PromisedModel = Pick<ModelSettings, 'key' | 'name' | 'context'>;

/** Nobody answers there, or hung up before it said anything. */
export const hostDown = ({ name, url }: NamedHost, evidence: string): Failure =>
  told('HostDown', {
    what: `Host ${name} does not answer at ${url}.`,
    evidence,
    next: 'Start the model server there (for Ollama: `ollama serve`), or correct the URL; through a firewall use an SSH tunnel: ssh -N -L 11434:127.0.0.1:11434 MACHINE. An open town goes on as soon as it answers.',
  });

/** It wants a key, or another one. */
export const keyRefused = ({ name, apiKeyEnv }: NamedHost, evidence: string): Failure =>
  told('HostRefused', {
    what: `Host ${name} ${apiKeyEnv === undefined ? 'wants a key' : 'refused the key'}.`,
    evidence,
    next:
      apiKeyEnv === undefined
        ? `Put its key into an environment variable, never into a file: export ${keyVariable(name)}=…, and name that variable as apiKeyEnv of host ${name} (gt host add takes --api-key-env NAME).`
        : `Check the value of ${apiKeyEnv} in this shell, and where \`gt up\` runs.`,
  });

/** Its variable is not there. */
export const keyNotSet = ({ name, apiKeyEnv = keyVariable(name) }: NamedHost): Failure =>
  told('HostRefused', {
    what: `The environment variable ${apiKeyEnv} with the key of host ${name} is not set.`,
    evidence: `hosts.${name}.apiKeyEnv in gastown.yaml`,
    next: `export ${apiKeyEnv}=… in the shell that runs gt up; an open town: gt down, then gt up`,
  });

/** Something answers, and it is a web page or the like. */
export const notAModelServer = ({ name, url }: NamedHost, evidence: string): Failure =>
  told('NotAModelServer', {
    what: `What answers at ${url} is not a model server.`,
    evidence,
    next: `Check the url of host ${name}: the address and port of the model server, without a path. Ollama listens on 11434, llama.cpp on 8080, vLLM on 8000, LM Studio on 1234. A proxy or login page may be in the way.`,
  });

/** It says that all is well, and does not do what it is for. */
export const hostWedged = (
  { name, url, kind }: Pick<HostSettings, 'name' | 'url' | 'kind'>,
  what: string,
  evidence: string,
): Failure =>
  told('HostWedged', {
    what: `Host ${name} hangs: ${what}`,
    evidence,
    next: `The town tries again. If it stays so, ${
      kind === 'ollama'
        ? 'unload what `ollama ps` shows on the host (ollama stop NAME), else restart Ollama there'
        : `restart the model server at ${url}`
    }. See whether something else uses it, too.`,
  });

/** The model is not in memory, or no longer as the town needs it. */
export const notResident = (
  { name }: Pick<HostSettings, 'name'>,
  model: Pick<PromisedModel, 'name'>,
  evidence: string,
): Failure =>
  told('ModelNotResident', {
    what: `Host ${name} does not have ${model.name} in memory.`,
    evidence,
    next: 'Nothing: the town loads it. If it was there before, something else uses this server: give it to the town alone, or set what others take as reserve.',
  });

/** It answers, and could not get the model into memory: too large, broken, or not for this server. */
export const loadFailed = (
  { name, url, kind }: Pick<HostSettings, 'name' | 'url' | 'kind'>,
  model: Pick<PromisedModel, 'key' | 'name'>,
  evidence: string,
): Failure =>
  told('ModelNotResident', {
    what: `Host ${name} could not load ${model.name}.`,
    evidence,
    next: `The town tries again, with longer and longer pauses. If it stays so, ${
      kind === 'command'
        ? `correct hosts.${name}.commands in gastown.yaml, then gt down and gt up.`
        : `read the log of the server at ${url}; a smaller context for model ${model.key}, or a smaller quantization, takes less memory.`
    }`,
  });

/** Another kind of server than the configuration says, which the town would ask the wrong questions. */
export const wrongKind = (
  { name, kind }: Pick<HostSettings, 'name' | 'kind'>,
  found: { readonly software: string; readonly kind: HostKind },
  evidence: string,
): Pick<Failure, 'what' | 'evidence' | 'next'> => ({
  what: `Host ${name} is ${found.software}, and gastown.yaml says kind: ${kind}.`,
  evidence,
  next: `Set hosts.${name}.kind: ${found.kind}`,
});

/** The host serves no model of this name. */
export const modelMissing = (
  { name, url, kind }: ServingHost,
  model: Pick<PromisedModel, 'key' | 'name'>,
  evidence: string,
): Failure =>
  told('ModelMissing', {
    what: `Host ${name} does not have the model ${model.name}.`,
    evidence,
    next:
      kind === 'ollama'
        ? `On the host: ollama pull ${model.name}. Or correct the name of model ${model.key}.`
        : `Correct the name of model ${model.key} to one that ${url}/v1/models lists, or serve it there.`,
  });

/** A context below what the model entry promises, with the very setting that changes it (G8). */
export const contextTooSmall = (
  host: ServingHost,
  model: PromisedModel,
  found: number,
  evidence: string,
): Failure =>
  told('ContextTooSmall', {
    what: `Host ${host.name} gives ${model.name} a context of ${found} tokens; model ${model.key} promises ${model.context}.`,
    evidence,
    next: `${moreContext(host, model)} Or set context: ${found} for model ${model.key}.`,
  });

/** Weights that no setting gives the context that the model entry promises. */
export const madeForLess = (
  { name }: Pick<HostSettings, 'name'>,
  model: PromisedModel,
  trained: number,
  evidence: string,
): Failure =>
  told('ContextTooSmall', {
    what: `${model.name} on host ${name} was made for a context of ${trained} tokens; model ${model.key} promises ${model.context}.`,
    evidence,
    next: `Set context: ${trained} for model ${model.key}, or take weights that were made for more.`,
  });

/** Where the key of a host is looked for when nothing names another variable: `gpu-box` → `GPU_BOX_API_KEY`. */
export const keyVariable = (name: string): string => {
  const upper = name.toUpperCase().replaceAll('-', '_');
  return `${/^[A-Z]/.test(upper) ? '' : 'HOST_'}${upper}_API_KEY`;
};

const told = (type: FailureType, words: Omit<Failure, 'type'>): Failure => ({ type, ...words });

const moreContext = ({ kind, url, slots }: ServingHost, { key, name, context }: PromisedModel): string => {
  if (kind === 'command')
    return `Have hosts.*.commands.load in gastown.yaml load it with {context}, which stands for ${context}.`;
  if (kind !== 'ollama')
    return `llama.cpp: start the server with -c ${context * slots} -np ${slots} (-c is divided by -np). vLLM: --max-model-len ${context}.`;
  const alias = aliasName(name, context);
  const body = JSON.stringify({ model: alias, from: name, parameters: { num_ctx: context } });
  return `Make an alias that carries the context: curl ${url}/api/create -d '${body}' and use name: ${alias} for model ${key}. Or start the server with OLLAMA_CONTEXT_LENGTH=${context}.`;
};
