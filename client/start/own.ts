import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { exitCode } from '../exitCodes.ts';
import { ClientError } from '../trouble.ts';
import type { Prepared } from './prepared.ts';

interface Flags {
  readonly repo?: string | undefined;
  readonly plan?: string | undefined;
  readonly host?: string | undefined;
  readonly model?: string | undefined;
  readonly kind?: string | undefined;
  readonly gate?: readonly string[] | undefined;
  readonly branch?: string | undefined;
  readonly context?: string | undefined;
  readonly home?: string | undefined;
}

const clone = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The user's own repository, plan and model: writes the gastown.yaml that a town for them needs, and leaves it there. */
export const prepareOwn = async (flags: Flags): Promise<Prepared> => {
  const { repo, plan, host, model } = complete(flags);
  const folder = resolve(flags.home ?? join(clone, '.gastown', 'own'));
  await mkdir(folder, { recursive: true });
  const kind = flags.kind ?? (await guessKind(host));
  const configFile = join(folder, 'gastown.yaml');
  const repository = resolve(repo);
  const rig = { path: repository, branch: flags.branch ?? 'main', gates: (flags.gate ?? []).map(gateOf) };
  const config = {
    town: { name: 'own', home: join(folder, 'town') },
    hosts: { host: { kind, url: host } },
    models: { model: { name: model, context: Number(flags.context ?? 16_384), hosts: ['host'] } },
    rigs: { repo: rig },
  };
  await writeFile(configFile, stringify(config));
  const shown = relative(process.cwd(), configFile);
  return {
    configFile,
    planFile: resolve(plan),
    repository,
    opening: [`A town for ${repository}, with ${model} on ${host} (${kind}). Its configuration: ${shown}`],
    next: [`git -C ${repo} log --graph --oneline -20`, `npx gt up --config ${shown}`],
    async [Symbol.asyncDispose]() {},
  };
};

const complete = ({ repo, plan, host, model }: Flags) => {
  const missing = Object.entries({ repo, plan, host, model }).filter(([, value]) => value === undefined);
  if (repo !== undefined && plan !== undefined && host !== undefined && model !== undefined) {
    return { repo, plan, host, model };
  }
  throw new ClientError(exitCode.badInput, {
    type: 'FlagsMissing',
    what: `Missing: ${missing.map(([flag]) => `--${flag}`).join(', ')}.`,
    evidence: 'A town of your own needs a repository, a plan, a model host and a model.',
    next: 'npm start -- --help shows them with an example.',
  });
};

const gateOf = (run: string, index: number): object => ({ name: `gate-${index + 1}`, run });

/** Only Ollama answers on /api/version. */
const guessKind = async (host: string): Promise<'ollama' | 'openai'> => {
  try {
    const answer = await fetch(new URL('/api/version', host), { signal: AbortSignal.timeout(5_000) });
    return answer.ok ? 'ollama' : 'openai';
  } catch (error) {
    throw new ClientError(exitCode.badInput, {
      type: 'HostDown',
      what: 'The model host does not answer.',
      evidence: `${host}: ${error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : error}`,
      next: 'Check the URL and that the server runs (for Ollama: `ollama serve`), then start again.',
    });
  }
};
