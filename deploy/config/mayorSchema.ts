import * as z from 'zod';
import { choice, duration, line, slug, whole, withForm } from '../input/forms.ts';
import { envName, priceSchema, serverUrl } from './modelSchema.ts';

/** A planner outside the town's own hosts, as it is written. */
const cloudMayor = z.strictObject({
  provider: choice(['gemini', 'openai']).describe(
    'gemini: the Gemini API. openai: any server with an OpenAI-compatible API.',
  ),
  model: line(200, 'the name of a model of the provider').describe('The name that the provider knows it by.'),
  apiKeyEnv: envName()
    .optional()
    .describe(
      'Name of the environment variable that holds the key. Default for gemini: GEMINI_API_KEY. The key itself must not be in this file.',
    ),
  baseUrl: serverUrl()
    .optional()
    .describe('Where the provider listens. Needed for openai, without a path such as /v1.'),
  apiVersion: withForm(z.string().regex(/^v\d[a-z0-9]{0,15}$/), 'a version of the API such as v1 or v1beta')
    .optional()
    .describe('Version of the Gemini API; preview models need v1beta. Default: v1.'),
  maxTokens: whole(1_024, 1_000_000, 'tokens')
    .default(32_768)
    .describe('Most tokens of one reply, thinking included.'),
  timeout: duration().prefault('10m').describe('Longest time of one call.'),
  price: priceSchema()
    .optional()
    .describe('What its calls cost. Default: nothing, so that no budget of money counts them.'),
});

/** Who plans: the key of a model of the town's own hosts, or a planner elsewhere. */
export const mayorSchema = withForm(
  z.union([withForm(slug(), 'the key of a model under models'), cloudMayor]),
  'the key of a model under models, or a map with provider and model',
);
