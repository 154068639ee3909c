import { freeKey, keyFor } from '../../deploy/hosts/choose.ts';
import { findLocalServers, lookAtServer, usualPorts } from '../../deploy/hosts/look.ts';
import type { ModelServer } from '../../deploy/hosts/server.ts';
import { keyVariable, lookTrouble } from '../../deploy/hosts/trouble.ts';
import type { HostEntry } from '../../deploy/init/entries.ts';
import { isSlug, slugForm } from '../../workflows/domain/naming.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { exitCode } from '../exitCodes.ts';
import { ClientError } from '../trouble.ts';
import { say } from './say.ts';

/** A server under the name that it is to have. */
export interface FoundHost {
  readonly entry: HostEntry;
  readonly server: ModelServer;
  /** Whether the person named it: then it is to be used. */
  readonly named: boolean;
}

/** Reads `name=url` as `--host` takes it. */
export const readHostFlag = (text: string): { readonly name: string; readonly url: string } => {
  const at = text.indexOf('=');
  const name = at < 0 || /^https?:/.test(text) ? '' : text.slice(0, at);
  const url = URL.parse(text.slice(name === '' ? 0 : at + 1));
  if (isSlug(name) && url !== null && /^https?:$/.test(url.protocol)) return { name, url: url.href };
  throw new ClientError(exitCode.badInput, {
    type: 'BadHost',
    what: 'A host is given as NAME=URL.',
    evidence: `--host ${oneLine(text.replace(/\/\/[^/@]*@/, '//…@'), 100)}`,
    next: `For example --host workshop=http://192.168.1.20:11434. A name has ${slugForm}.`,
  });
};

/** Looks at the hosts that were named, or at the usual ports of this machine. Throws when there is none (exit 1). */
export const findHosts = async (
  named: readonly { readonly name: string; readonly url: string }[],
): Promise<readonly FoundHost[]> => {
  if (named.length > 0) return await Promise.all(named.map((host) => lookAtHost(host)));
  say(`Looking for model servers on this machine (ports ${usualPorts.join(', ')}) …`);
  const taken = new Set<string>();
  const found = (await findLocalServers()).map((server) => {
    const name = freeKey(
      keyFor(server.software.replace(/ \d.*$/, ''), 'local').replace(/^a-server.*/, 'local'),
      taken,
    );
    taken.add(name);
    return { server, entry: hostEntry(name, server, undefined), named: false };
  });
  if (found.length > 0) return found;
  throw new ClientError(exitCode.failed, {
    type: 'NoModelServer',
    what: 'No model server answers on this machine.',
    evidence: `tried http://127.0.0.1 on the ports ${usualPorts.join(', ')} (Ollama, llama.cpp, vLLM, LM Studio)`,
    next: 'Start one (for Ollama: `ollama serve`, then `ollama pull qwen2.5-coder:14b`), or name one elsewhere: --host NAME=http://MACHINE:11434',
  });
};

/** Looks at one host; the key is taken from the environment. */
export const lookAtHost = async (
  { name, url: given }: { readonly name: string; readonly url: string },
  variable?: string,
): Promise<FoundHost> => {
  const url = new URL(given).origin;
  const named = variable ?? keyVariable(name);
  const apiKeyEnv = variable !== undefined || process.env[named] !== undefined ? named : undefined;
  const look = await lookAtServer(url, keyOf(apiKeyEnv));
  if (look.found === 'server')
    return { server: look.server, entry: hostEntry(name, look.server, apiKeyEnv), named: true };
  const { trouble } = lookTrouble({ name, url, apiKeyEnv }, look);
  throw new ClientError(exitCode.failed, trouble);
};

/** The key of a host, from the variable that names it. */
export const keyOf = (variable: string | undefined): string | undefined =>
  variable === undefined ? undefined : process.env[variable];

const hostEntry = (name: string, server: ModelServer, apiKeyEnv: string | undefined): HostEntry => ({
  name,
  kind: server.kind,
  url: server.url,
  slots: server.slots,
  apiKeyEnv,
  software: server.software,
});
