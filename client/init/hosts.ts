import { freeKey, keyFor } from '../../deploy/hosts/choose.ts';
import { findLocalServers, lookAtServer, usualPorts } from '../../deploy/hosts/look.ts';
import type { ModelServer } from '../../deploy/hosts/server.ts';
import { lookTrouble } from '../../deploy/hosts/trouble.ts';
import type { HostEntry } from '../../deploy/init/entries.ts';
import { keyVariable } from '../../workflows/domain/host/hostTrouble.ts';
import { isSlug, slugForm } from '../../workflows/domain/naming.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { Asker } from '../asker.ts';
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

/** A host as `--host` names it: where its server is, or only the machine. */
export interface NamedHost {
  readonly name: string;
  /** The addresses to look at: one, or the usual ports of a machine. */
  readonly urls: readonly string[];
}

/** Reads `name=url`, a URL, or the name or address of a machine, maybe with a port, as `--host` takes it. */
export const readHostFlag = (text: string): NamedHost => {
  const host = hostIn(text);
  if (host !== undefined) return host;
  throw new ClientError(exitCode.badInput, {
    type: 'BadHost',
    what: 'A host is given as NAME=URL, or as the name or address of a machine.',
    evidence: `--host ${shown(text)}`,
    next: `For example --host workshop=http://192.168.1.20:11434, or --host 192.168.1.20 to look at its usual ports. A name has ${slugForm}.`,
  });
};

/** Reads a URL, or the name or address of a machine, maybe with a port, as `gt host add NAME` takes it. */
export const readHostAddress = (name: string, text: string): NamedHost => {
  const host = text.includes('=') ? hostIn(`${name}=${text}`) : hostIn(text);
  if (host !== undefined) return { ...host, name };
  throw new ClientError(exitCode.badInput, {
    type: 'BadHost',
    what: 'The address of a host is a URL, or the name or address of a machine.',
    evidence: shown(text),
    next: `For example: gt host add ${name} http://192.168.1.20:11434, or gt host add ${name} 192.168.1.20 to look at its usual ports.`,
  });
};

const shown = (text: string): string => oneLine(text.replace(/\/\/[^/@]*@/, '//…@'), 100);

const hostIn = (text: string): NamedHost | undefined => {
  const [, name, rest] = /^([^=:/]*)=(.*)$/s.exec(text) ?? [];
  const url = URL.parse(rest ?? (/^https?:/i.test(text) ? text : `http://${text}`));
  const isMachine = rest === undefined && !/^https?:/i.test(text);
  const usable =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    (!isMachine || (/^[\w.[\]:-]+$/.test(text) && url.pathname === '/'));
  const guessed = keyFor(url?.hostname ?? '', 'host');
  const key = name ?? (isSlug(guessed) ? guessed : `host-${guessed}`);
  if (!usable || !isSlug(key)) return;
  const whole = !isMachine || url.port !== '';
  return {
    name: key,
    urls: whole ? [url.href] : usualPorts.map((port) => `http://${url.hostname}:${port}`),
  };
};

/**
 * Looks at the hosts that were named, or at the usual ports of this machine; where nothing is, a person who is there is asked for
 * another machine. Throws when there is none (exit 1).
 */
export const findHosts = async (
  named: readonly NamedHost[],
  asker: Pick<Asker, 'asks' | 'text'>,
): Promise<readonly FoundHost[]> => {
  if (named.length > 0) return await Promise.all(named.map((host) => lookAtNamed(host)));
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
  const elsewhere = asker.asks
    ? await asker.text(
        'No model server answers on this machine. On which one? A name, an address or a URL',
        '',
      )
    : '';
  if (elsewhere !== '') return [await lookAtNamed(readHostFlag(elsewhere))];
  throw new ClientError(exitCode.failed, {
    type: 'NoModelServer',
    what: 'No model server answers on this machine.',
    evidence: `tried http://127.0.0.1 on the ports ${usualPorts.join(', ')} (Ollama, llama.cpp, vLLM, LM Studio)`,
    next: 'Start one (for Ollama: `ollama serve`, then `ollama pull qwen2.5-coder:14b`), or name a machine elsewhere: --host MACHINE, or --host NAME=http://MACHINE:11434',
  });
};

/** Looks at the addresses of one host; the first that answers is it. */
export const lookAtNamed = async ({ name, urls }: NamedHost, variable?: string): Promise<FoundHost> => {
  const [only, ...others] = urls;
  if (only !== undefined && others.length === 0) return await lookAtHost({ name, url: only }, variable);
  const looks = await Promise.allSettled(urls.map((url) => lookAtHost({ name, url }, variable)));
  const first = looks.find((look) => look.status === 'fulfilled');
  if (first !== undefined) return first.value;
  const reasons = looks.flatMap((look) => (look.status === 'rejected' ? [look.reason as unknown] : []));
  // A server that refuses to talk says more than ports on which nobody listens.
  const told = reasons.find((one) => one instanceof ClientError && one.trouble.type !== 'HostDown');
  throw told ?? reasons[0];
};

/** Looks at one host; the key is taken from the environment. */
const lookAtHost = async (
  { name, url: given }: { readonly name: string; readonly url: string },
  variable?: string,
): Promise<FoundHost> => {
  const url = new URL(given).origin;
  const named = variable ?? keyVariable(name);
  const apiKeyEnv = variable !== undefined || process.env[named] !== undefined ? named : undefined;
  const look = await lookAtServer(url, keyOf(apiKeyEnv));
  if (look.found === 'server')
    return { server: look.server, entry: hostEntry(name, look.server, apiKeyEnv), named: true };
  throw new ClientError(exitCode.failed, lookTrouble({ name, url, apiKeyEnv }, look));
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
