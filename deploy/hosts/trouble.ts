import { TownError } from '../town/trouble.ts';
import type { Look } from './server.ts';

/** A host by its name and address, for errors about it. */
export interface NamedHost {
  readonly name: string;
  readonly url: string;
  readonly apiKeyEnv: string | undefined;
}

/** What it means that an address is no model server that the town may use (G10). */
export const lookTrouble = (host: NamedHost, look: Exclude<Look, { found: 'server' }>): TownError => {
  const { name, url, apiKeyEnv } = host;
  const { evidence } = look;
  switch (look.found) {
    case 'nothing':
      return new TownError({
        type: 'HostDown',
        what: `Host ${name} does not answer at ${url}.`,
        evidence,
        next: 'Start the model server there (for Ollama: `ollama serve`), or correct the URL; through a firewall use an SSH tunnel: ssh -N -L 11434:127.0.0.1:11434 MACHINE',
      });
    case 'locked':
      return new TownError({
        type: 'HostRefused',
        what: `Host ${name} at ${url} wants ${apiKeyEnv === undefined ? 'a key' : 'another key'}.`,
        evidence,
        next:
          apiKeyEnv === undefined
            ? `Put its key into an environment variable, never into a file: export ${keyVariable(name)}=…, then say this command again (gt host add takes --api-key-env NAME).`
            : `Check the value of ${apiKeyEnv} in this shell, and where \`gt up\` runs.`,
      });
    case 'stranger':
      return new TownError({
        type: 'NotAModelServer',
        what: `What answers at ${url} is not a model server.`,
        evidence,
        next: 'Give the address and port of the model server, without a path: Ollama listens on 11434, llama.cpp on 8080, vLLM on 8000, LM Studio on 1234. A proxy or login page may be in the way.',
      });
  }
};

/** Where the key of a host is looked for when nothing names another variable: `gpu-box` → `GPU_BOX_API_KEY`. */
export const keyVariable = (name: string): string => {
  const upper = name.toUpperCase().replaceAll('-', '_');
  return `${/^[A-Z]/.test(upper) ? '' : 'HOST_'}${upper}_API_KEY`;
};
