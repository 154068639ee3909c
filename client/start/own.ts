import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { lookAtServer } from '../../deploy/hosts/look.ts';
import { lookAtRepository } from '../../deploy/init/repository.ts';
import { TownError } from '../../deploy/town/trouble.ts';
import { isSlug } from '../../workflows/domain/naming.ts';
import { shellWord } from '../../workflows/domain/shellWord.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { exitCode } from '../exitCodes.ts';
import { ClientError } from '../trouble.ts';
import { clone, gtCommand, type Prepared } from './prepared.ts';

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

/** The user's own repository, plan and model: writes the gastown.yaml that a town for them needs, and leaves it there. */
export const prepareOwn = async (flags: Flags): Promise<Prepared> => {
  const { repo, plan, host: written, model, gates } = complete(flags);
  const host = originOf(written);
  const context = contextOf(flags.context);
  const repository = resolve(repo);
  await checkRepository(repository, flags.branch);
  const kind = flags.kind ?? (await guessKind(host));
  await checkModel(host, model);
  const folder = resolve(flags.home ?? join(clone, '.gastown', 'own', folderName(repository)));
  await mkdir(folder, { recursive: true });
  const configFile = join(folder, 'gastown.yaml');
  const rig = { path: repository, branch: flags.branch ?? 'main', gates: gates.map(gateOf) };
  const config = {
    town: { name: 'own', home: join(folder, 'town') },
    hosts: { host: { kind, url: host } },
    models: { model: { name: model, context, hosts: ['host'] } },
    rigs: { [await rigName(resolve(plan))]: rig },
  };
  await writeFile(configFile, stringify(config));
  const shown = relative(process.cwd(), configFile);
  return {
    configFile,
    planFile: resolve(plan),
    repository,
    opening: [`A town for ${repository}, with ${model} on ${host} (${kind}). Its configuration: ${shown}`],
    stopped: 'Stopped; the work is kept. The same command goes on where it was.',
    next: [
      `git -C ${shellWord(repo)} log --graph --oneline --all -20`,
      `${gtCommand()} up --config ${shellWord(shown)}`,
    ],
    async [Symbol.asyncDispose]() {},
  };
};

const complete = ({ repo, plan, host, model, gate }: Flags) => {
  const wanted = { repo, plan, host, model, gate };
  const missing = Object.entries(wanted).filter(([, value]) => value === undefined);
  if (repo && plan && host && model && gate) return { repo, plan, host, model, gates: gate };
  throw new ClientError(exitCode.badInput, {
    type: 'FlagsMissing',
    what: `Missing: ${missing.map(([flag]) => `--${flag}`).join(', ')}.`,
    evidence:
      'A town of your own needs a repository, a plan, a model host, a model, and a gate: a command that must exit 0 before anything lands.',
    next: 'npm start -- --help shows them all.',
  });
};

/** Told before a server is started for it. */
const checkRepository = async (repository: string, branch = 'main'): Promise<void> => {
  try {
    await lookAtRepository(repository, branch);
  } catch (error) {
    // The town clones it, and can clone that.
    if (error instanceof TownError && error.trouble.type === 'LinkedWorktree') return;
    throw error instanceof TownError ? new ClientError(exitCode.badInput, error.trouble) : error;
  }
};

/** Only a server that lists its models can be asked; one that needs a key, or loads what it is asked for, is left alone. */
const checkModel = async (host: string, model: string): Promise<void> => {
  const look = await lookAtServer(host, undefined, 5_000);
  if (look.found !== 'server' || look.server.kind !== 'ollama') return;
  const names = look.server.models.map(({ name }) => name);
  if (names.some((name) => name === model || name === `${model}:latest`)) return;
  throw new ClientError(exitCode.badInput, {
    type: 'ModelMissing',
    what: `The model host has no model ${oneLine(model, 80)}.`,
    evidence: `${host} has: ${names.map((name) => oneLine(name, 80)).join(', ') || 'none'}`,
    next: `Name one of these with --model, or get it there first: ollama pull ${shellWord(model)}`,
  });
};

/** One folder for each repository: what a town remembers of one must not meet another. */
const folderName = (repository: string): string =>
  `${basename(repository, '.git')}-${createHash('sha256').update(repository).digest('hex').slice(0, 6)}`;

/** As the plan calls it, so that the plan works in a town that is kept, too. A plan with mistakes is told of later. */
const rigName = async (planFile: string): Promise<string> => {
  try {
    const plan = parse(await readFile(planFile, 'utf8')) as { rig?: unknown; epics?: { rig?: unknown }[] };
    const names = [plan.rig, ...(plan.epics ?? []).map(({ rig }) => rig)];
    const name = names.find((one) => typeof one === 'string' && isSlug(one));
    return typeof name === 'string' ? name : 'repo';
  } catch {
    return 'repo';
  }
};

const gateOf = (run: string, index: number): object => ({ name: `gate-${index + 1}`, run });

/** The server's address without what people paste with it: a path such as /v1. */
const originOf = (host: string): string => {
  const url = URL.parse(host);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.origin;
  throw new ClientError(exitCode.badInput, {
    type: 'BadUrl',
    what: 'The model host is no URL.',
    evidence: `--host ${host}`,
    next: 'Write it with http:// and a port, for example http://127.0.0.1:11434.',
  });
};

const contextOf = (written = '16384'): number => {
  const tokens = Number(written);
  if (/^\d+$/.test(written) && tokens >= leastContext && tokens <= mostContext) return tokens;
  throw new ClientError(exitCode.badInput, {
    type: 'BadFlags',
    what: 'The context is no number of tokens.',
    evidence: `--context ${written}`,
    next: `Write a whole number from ${leastContext} to ${mostContext}, such as 16384, that the host really offers.`,
  });
};

const leastContext = 1_024;
const mostContext = 4_000_000;

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
