import {
  type Answer,
  type Asked,
  type Insides,
  modelIn,
  nowhere,
  ok,
  type Server,
  tokensOf,
} from './server.ts';

/** llama-server of llama.cpp with one model, as it was recorded. */
export const llamaServer: Server = async (asked, insides) => {
  const [name = ''] = insides.residency.names();
  if (asked.path === '/v1/models') return ok(list(insides, (id) => one(id, insides)));
  return ofModel(asked, name, insides);
};

/** llama-server in router mode: a process for each model, loaded and unloaded by name. */
export const llamaRouter: Server = async (asked, insides) => {
  const { path, query, body } = asked;
  const { residency } = insides;
  if (path === '/health') return ok({ status: 'ok' });
  if (path === '/v1/models' || path === '/models') return ok(list(insides, (id) => routed(id, insides)));
  if (path === '/props' && !query.has('model')) return ok(routerProps);
  if (path === '/models/load' || path === '/models/unload') return change(path, modelIn(body), insides);
  const name = query.get('model') ?? modelIn(body);
  if (name === '') return refused('model name is missing from the request');
  if (residency.find(name) === undefined) return refused(`model '${name}' not found`);
  if (!residency.isResident(name)) return refused('model is not loaded');
  return ofModel(asked, name, insides);
};

/** The paths of one process of llama-server. */
export const ofModel = async (
  { path, body }: Asked,
  name: string,
  insides: Insides,
): Promise<Answer | undefined> => {
  const context = insides.residency.find(name)?.context;
  if (path === '/health') return ok({ status: 'ok' });
  if (path === '/props')
    return ok({
      default_generation_settings: { params: {}, n_ctx: context },
      total_slots: insides.slots,
      model_alias: name,
      chat_template_caps: { supports_tools: true, supports_tool_calls: true },
      build_info: 'b1-0c1e570',
      is_sleeping: false,
    });
  if (path === '/slots')
    return ok(
      Array.from({ length: insides.slots }, (_, id) => ({
        id,
        n_ctx: context,
        speculative: false,
        is_processing: id < insides.places.running(),
      })),
    );
  if (path === '/tokenize') return ok({ tokens: Array.from({ length: tokensOf(body) }, (_, at) => at) });
  if (path === '/v1/chat/completions/input_tokens')
    return ok({ input_tokens: tokensOf(body), object: 'response.input_tokens' });
  return nowhere;
};

const refused = (message: string): Answer => ({
  status: 400,
  body: { error: { code: 400, message, type: 'invalid_request_error' } },
});

/** Answers before it is done; the list tells when. */
const change = (path: string, name: string, { residency, manners }: Insides): Answer => {
  if (residency.find(name) === undefined) return nowhere;
  const state = residency.stateOf(name);
  if (path === '/models/unload') {
    if (state === 'unloaded') return refused('model is not running');
    void residency.unload(name);
    return ok({ success: true });
  }
  if (state !== 'unloaded') return refused('model is already running');
  if (!manners().deadScheduler) void residency.load(name);
  return ok({ success: true });
};

const list = ({ residency }: Insides, entry: (name: string) => object): object => ({
  object: 'list',
  data: residency.names().map(entry),
});

const common = { tags: [], object: 'model', created: 1_795_257_992, owned_by: 'llamacpp' };

const one = (id: string, { residency }: Insides): object => {
  const model = residency.find(id);
  const trained = model?.trained ?? 131_072;
  const bytes = model?.bytes === undefined ? {} : { size: model.bytes };
  return { id, aliases: [id], ...common, meta: { n_ctx: model?.context, n_ctx_train: trained, ...bytes } };
};

const routed = (id: string, { residency }: Insides): object => {
  const state = residency.stateOf(id);
  // The process that ends counts as running until it has.
  const value = state === 'leaving' ? 'loaded' : state;
  const args = ['--alias', id, '--ctx-size', String(residency.find(id)?.context), '--parallel', '1'];
  return { id, aliases: [], ...common, status: { value, args }, source: 'models_dir' };
};

const routerProps = {
  role: 'router',
  max_instances: 1,
  models_autoload: true,
  model_alias: 'llama-server',
  model_path: 'none',
  default_generation_settings: { params: null, n_ctx: 0 },
  build_info: 'b1-0c1e570',
};
