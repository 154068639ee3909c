import type { Residency } from './residency.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface NativeBody {
  readonly model?: string;
  readonly from?: string;
  readonly keep_alive?: number | string;
  readonly parameters?: { readonly num_ctx?: number };
}

/** What a scripted host answers on every path but chat. */
export const routes =
  (flavour: string, residency: Residency) =>
  async (path: string, body: unknown): Promise<Answer> => {
    if (path === '/v1/models') return { status: 200, body: listModels(flavour, residency) };
    if (flavour === 'ollama') return ollama(path, body as NativeBody, residency);
    if (path === '/health') return { status: 200, body: { status: 'ok' } };
    if (flavour === 'llama-router' && path.startsWith('/models/'))
      return router(path, body as NativeBody, residency);
    if (flavour.startsWith('llama-') && path === '/props') {
      const context = residency.list()[0]?.context;
      return { status: 200, body: { default_generation_settings: { n_ctx: context }, total_slots: 1 } };
    }
    return {
      status: 404,
      body: { error: { message: 'File Not Found', type: 'not_found_error', code: 404 } },
    };
  };

const listModels = (flavour: string, residency: Residency): unknown => ({
  object: 'list',
  data: residency.names().map((id) => {
    const context = residency.find(id)?.context;
    if (flavour === 'llama-server')
      return { id, object: 'model', owned_by: 'llamacpp', meta: { n_ctx: context } };
    if (flavour === 'llama-router') {
      const status = { value: residency.isResident(id) ? 'loaded' : 'unloaded' };
      return { id, object: 'model', owned_by: 'llamacpp', status };
    }
    if (flavour === 'ollama') return { id: `${id}:latest`, object: 'model', owned_by: 'library' };
    return { id, object: 'model', owned_by: 'vllm', max_model_len: context };
  }),
});

/** Answers before it is done; the list tells when. */
const router = (path: string, { model = '' }: NativeBody, residency: Residency): Answer => {
  if (residency.find(model) === undefined)
    return { status: 404, body: { error: { message: 'File Not Found', code: 404 } } };
  if (path === '/models/unload') residency.unload(model);
  else if (residency.isResident(model))
    return { status: 400, body: { error: { message: 'model is already running' } } };
  else void residency.load(model);
  return { status: 200, body: { success: true } };
};

const ollama = async (path: string, body: NativeBody, residency: Residency): Promise<Answer> => {
  if (path === '/') return { status: 200, body: 'Ollama is running' };
  if (path === '/api/version') return { status: 200, body: { version: '0.17.4' } };
  if (path === '/api/tags')
    return { status: 200, body: { models: residency.names().map((name) => ({ name: `${name}:latest` })) } };
  if (path === '/api/ps') return { status: 200, body: { models: residency.list().map(inMemory) } };
  const name = (body.model ?? '').replace(/:latest$/, '');
  const model = residency.find(name);
  if (path === '/api/create') {
    const base = residency.find(body.from ?? '');
    if (base === undefined)
      return { status: 500, body: { error: 'pull model manifest: connection refused' } };
    residency.create(name, {
      ...base,
      weights: base.weights ?? body.from ?? '',
      context: body.parameters?.num_ctx ?? base.context,
    });
    return { status: 200, body: { status: 'success' } };
  }
  if (path !== '/api/generate' && path !== '/api/show') return { status: 404, body: '404 page not found' };
  if (model === undefined) return { status: 404, body: { error: `model '${name}' not found` } };
  if (path === '/api/show') {
    return {
      status: 200,
      body: {
        modelfile: `FROM <models>/blobs/sha256-${model.weights ?? name}\n`,
        parameters: `num_ctx                        ${model.context}`,
        model_info: { 'general.architecture': 'llama', 'llama.context_length': 131_072 },
      },
    };
  }
  if (body.keep_alive === 0) {
    residency.unload(name);
    return { status: 200, body: { model: name, response: '', done: true, done_reason: 'unload' } };
  }
  await residency.load(name);
  return { status: 200, body: { model: name, response: '', done: true, done_reason: 'load' } };
};

const inMemory = ({ name, context }: { name: string; context: number }): unknown => ({
  name: `${name}:latest`,
  model: `${name}:latest`,
  digest: name,
  expires_at: '2319-03-03T10:26:34Z',
  context_length: context,
});
