import { bare, type Resident } from '../residency.ts';
import { type Answer, type Insides, modelIn, ok, type Server } from './server.ts';

interface Body {
  readonly from?: string;
  readonly keep_alive?: number | string;
  readonly parameters?: { readonly num_ctx?: number };
}

/** Ollama 0.17.4 as it was recorded. */
export const ollama: Server = async ({ path, body, signal }, insides) => {
  const { residency, clock, manners } = insides;
  if (path === '/') return ok('Ollama is running');
  if (path === '/api/version') return ok({ version: '0.17.4' });
  if (path === '/v1/models') return ok({ object: 'list', data: residency.names().map(listed) });
  if (path === '/api/tags') return ok({ models: residency.names().map((name) => tagged(name, insides)) });
  if (path === '/api/ps') return ok({ models: residency.list().map((one) => inMemory(one, insides)) });
  const { from = '', keep_alive: keepAlive, parameters } = body as Body;
  const name = bare(modelIn(body));
  if (path === '/api/create') {
    const base = residency.find(from);
    if (base === undefined)
      return { status: 500, body: { error: 'pull model manifest: connection refused' } };
    const context = Math.min(parameters?.num_ctx ?? base.context, base.trained ?? mostTrained);
    residency.create(name, { ...base, weights: base.weights ?? bare(from), context });
    return ok({ status: 'success' });
  }
  if (path !== '/api/generate' && path !== '/api/show') return { status: 404, body: '404 page not found' };
  const model = residency.find(name);
  if (model === undefined) return { status: 404, body: { error: `model '${name}' not found` } };
  if (path === '/api/show') return ok(shown(name, insides));
  if (manners().deadScheduler) await clock.never(signal);
  if (keepAlive === 0) {
    void residency.unload(name);
    return ok(done(name, 'unload'));
  }
  if (residency.waiting() >= manners().loadQueue) return { status: 503, body: { error: busy } };
  if (manners().tooLarge.includes(bare(name))) return { status: 500, body: { error: tooLarge } };
  await residency.load(name, { signal, keep: keepAlive !== undefined });
  return ok(done(name, 'load'));
};

const mostTrained = 131_072;

export const busy = 'server busy, please try again.  maximum pending requests exceeded';

const tooLarge = 'model requires more system memory (60.0 GiB) than is available (23.1 GiB)';

const done = (name: string, why: string): object => ({
  model: name,
  created_at: new Date().toISOString(),
  response: '',
  done: true,
  done_reason: why,
});

const withTag = (name: string): string => (name.includes(':') ? name : `${name}:latest`);

const listed = (name: string): object => ({
  id: withTag(name),
  object: 'model',
  created: 1_795_256_958,
  owned_by: 'library',
});

const details = { parent_model: '', format: 'gguf', family: 'llama', families: ['llama'] };
const more = { ...details, parameter_size: '187K', quantization_level: 'unknown' };

const tagged = (name: string, { residency }: Insides): object => ({
  name: withTag(name),
  model: withTag(name),
  modified_at: '2026-11-21T10:29:18.349818523Z',
  size: residency.find(name)?.bytes ?? 0,
  digest: name,
  details: more,
});

const shown = (name: string, { residency }: Insides): object => {
  const model = residency.find(name);
  return {
    modelfile: `FROM <models>/blobs/sha256-${model?.weights ?? name}\n`,
    parameters: `num_ctx                        ${model?.context}`,
    template: '{{ .Prompt }}',
    details: more,
    model_info: { 'general.architecture': 'llama', 'llama.context_length': model?.trained ?? mostTrained },
    capabilities: ['completion', 'tools'],
  };
};

const inMemory = ({ name, weights, context, bytes, kept }: Resident, { memory }: Insides): object => ({
  name: withTag(name),
  model: withTag(name),
  size: bytes,
  digest: weights,
  details: more,
  expires_at: kept ? '2319-03-03T10:26:34Z' : new Date(Date.now() + 300_000).toISOString(),
  // More than the memory of the cards is computed by the processor.
  size_vram: Math.min(bytes, memory),
  context_length: context,
});

/** The answer to a chat for a model that is not there. */
export const unknownModel = (name: string): Answer => ({
  status: 404,
  body: { error: { message: `model '${name}' not found`, type: 'api_error', param: null, code: null } },
});
