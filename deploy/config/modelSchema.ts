import * as z from 'zod';
import {
  choice,
  clockSpan,
  decimal,
  duration,
  line,
  listOf,
  memorySize,
  slug,
  whole,
  withForm,
  yesOrNo,
} from '../input/forms.ts';
import { commandsSchema } from './commandSchema.ts';

/** Tokens; less holds no task, file and reply. */
export const leastContext = 1_024;

/** Where a server listens: a URL without path, user and password. */
export const serverUrl = () =>
  line(400, 'a URL such as http://127.0.0.1:11434, without a path').refine(
    (url) => urlFault(url) === undefined,
    { error: (issue) => urlFault(String(issue.input)) ?? '' },
  );

/** Where a key is to be found; what looks like a key itself is refused. */
export const envName = () =>
  withForm(
    z.string().regex(/^(?!SK[-_])[A-Z][A-Z0-9_]{1,63}$/),
    'the name of an environment variable such as MY_HOST_KEY, never the key itself',
  );

/** An amount as it is written; below a ten-thousandth, rounding would say more than the price. */
export const money = () => decimal(0.0001, 1e6, 'an amount of town.budget.currency');

/** What calls cost, as it is written: in the currency of the town. */
export const priceSchema = () =>
  z.strictObject({
    prompt: decimal(0, 1_000_000, 'an amount of town.budget.currency').describe(
      'What a million tokens of prompts cost.',
    ),
    completion: decimal(0, 1_000_000, 'an amount of town.budget.currency').describe(
      'What a million tokens of replies cost, thinking included.',
    ),
  });

/** A machine that serves models, as it is written. */
export const hostSchema = withForm(
  z.strictObject({
    kind: choice(['ollama', 'openai', 'command']).describe(
      'ollama: the town loads and unloads models by Ollama’s own API. openai: any other server with an OpenAI-compatible API; the town finds out what it is, and loads and unloads where it can (llama.cpp’s router, llama-swap, vLLM with sleep). command: such a server whose models are loaded by `commands` (LM Studio, MLX, a proxy).',
    ),
    url: serverUrl().describe('Where the server listens, without a path such as /v1.'),
    slots: whole(1, 256, 'calls at once').default(1).describe('Calls that the host serves at once.'),
    coresident: yesOrNo()
      .default(false)
      .describe('Whether several of its models may be loaded and called at a time.'),
    memory: memorySize()
      .optional()
      .describe(
        'Memory for models, such as 24GiB. Models whose memory is known are then loaded together where they fit. Default: unknown, so one model at a time.',
      ),
    reserve: memorySize()
      .optional()
      .describe('How much of that memory is left to others who use the machine. Default: none.'),
    sleep: yesOrNo()
      .optional()
      .describe(
        'Of a vLLM that was started with --enable-sleep-mode and VLLM_SERVER_DEV_MODE=1: whether the town may put it to sleep and wake it. Default: false.',
      ),
    commands: commandsSchema().optional().describe('How models are loaded, of a host of kind command.'),
    apiKeyEnv: envName()
      .optional()
      .describe(
        'Name of the environment variable that holds the key. The key itself must not be in this file.',
      ),
    quiet: listOf(clockSpan(), 'times of the day')
      .default([])
      .describe(
        'Times of the day, in the town’s time zone, in which the town leaves this machine to its people: calls under way are finished, no new one begins.',
      ),
  }),
  'a host: a map with kind and url',
);

/** A model, as it is written. */
export const modelSchema = withForm(
  z.strictObject({
    name: line(200, 'the name of the model on its hosts, such as qwen3-coder:30b').describe(
      'The name that the hosts know the model by.',
    ),
    context: whole(leastContext, 4_000_000, 'tokens').describe(
      'Tokens of context that one request may count on. A host that offers less is refused.',
    ),
    maxTokens: whole(64, 1_000_000, 'tokens')
      .default(4_096)
      .describe('Most tokens of one reply. At most half of context.'),
    tier: slug()
      .default('default')
      .describe('Beads that name this tier are worked on by the models of it; see roles.polecat.'),
    hosts: listOf(withForm(slug(), 'the key of a host under hosts'), 'hosts by key', 1).describe(
      'Hosts that serve the model.',
    ),
    memory: memorySize()
      .optional()
      .describe('What it takes of a host’s memory, weights and context together. Default: unknown.'),
    weights: line(200, 'a name for the weights')
      .optional()
      .describe(
        'Models with the same weights differ only in their context: the one with the larger context serves the calls of both. Default: its name.',
      ),
    loadTime: duration()
      .optional()
      .describe(
        'How long a host takes to load it, before that was measured. A load is given up after four times as long as it is known to take: at least 1m, at most 5m or twice as long. Default: 25s, and 5m for the first load.',
      ),
    unloadTime: duration().optional().describe('The same for unloading. Default: 5s.'),
    temperature: decimal(0, 2, 'a temperature').default(0.2).describe('Sampling temperature.'),
    edits: choice(['auto', 'whole', 'blocks', 'tools'])
      .default('auto')
      .describe(
        'The form in which the model gives changes. whole: whole files, and parts of large ones. blocks: only the lines that change. tools: calls of native tools, where its hosts offer them. auto: as its replies were measured to be well-formed. Whatever is asked for, every form is read.',
      ),
    firstTokenTimeout: duration()
      .prefault('5m')
      .describe('Longest wait from the request to the first token: queue, load and prompt together.'),
    idleTimeout: duration().prefault('60s').describe('Longest silence between two tokens.'),
    callTimeout: duration().prefault('20m').describe('Longest time of one call as a whole.'),
    price: priceSchema()
      .optional()
      .describe('What its calls cost. Default: nothing, as on machines of your own.'),
  }),
  'a model: a map with name, context and hosts',
);

const urlFault = (text: string): string | undefined => {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return 'is not an http or https URL';
  if (url.username !== '' || url.password !== '') return 'holds a user or password; use apiKeyEnv';
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return `has a path; write ${url.origin}`;
  return;
};
