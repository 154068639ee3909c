import { type Insides, ok, type Server, tokensOf } from './server.ts';

/** vLLM with one model, and its sleep mode: by its documentation and code; no exchange was recorded. */
export const vllm: Server = async ({ path, body, method }, insides) => {
  const { residency, places, sleepMode, manners, crash } = insides;
  const [name = ''] = residency.names();
  if (path === '/health' || path === '/ping') return ok('');
  if (path === '/version') return ok({ version: '0.14.0' });
  if (path === '/v1/models') return ok(openAiList(insides));
  if (path === '/metrics')
    return ok(
      `vllm:num_requests_running{model_name="${name}"} ${places.running()}.0\nvllm:num_requests_waiting{model_name="${name}"} ${places.waiting()}.0\n`,
    );
  if (path === '/tokenize') {
    const count = tokensOf(body);
    return ok({ count, max_model_len: residency.find(name)?.context, tokens: [] });
  }
  if (!sleepMode) return notThere;
  if (path === '/is_sleeping') return ok({ is_sleeping: !residency.isResident(name) });
  if (method !== 'POST') return notThere;
  if (path === '/sleep') {
    if (manners().crashesAsleep && places.running() > 0) crash();
    await residency.unload(name);
    return ok('');
  }
  if (path === '/wake_up') {
    await residency.load(name);
    return ok('');
  }
  return notThere;
};

/** The list of a server with a fixed set of models. */
export const openAiList = ({ residency }: Insides): object => ({
  object: 'list',
  data: residency.names().map((id) => ({
    id,
    object: 'model',
    owned_by: 'vllm',
    max_model_len: residency.find(id)?.context,
  })),
});

const notThere = { status: 404, body: { detail: 'Not Found' } };
