import { ofModel } from './llama.ts';
import { type Answer, type Insides, ok, type Server } from './server.ts';

/** llama-swap in front of llama-server processes: by its code (internal/server, 2026); no exchange was recorded. */
export const llamaSwap: Server = async (asked, insides) => {
  const { path, signal } = asked;
  const { residency, clock, manners } = insides;
  if (path === '/health') return ok('OK');
  if (path === '/api/version') return ok({ version: 'v250', commit: 'abc1234', build_date: '2026-10-01' });
  if (path === '/v1/models')
    return ok({ object: 'list', data: residency.names().map((id) => listed(id, insides)) });
  if (path === '/running') return ok({ running: running(insides) });
  if (path === '/metrics') return ok(metrics(insides));
  if (path === '/unload' || path === '/api/models/unload') {
    await Promise.all(residency.names().map((name) => residency.unload(name)));
    return ok('OK');
  }
  const unload = '/api/models/unload/';
  if (path.startsWith(unload)) {
    const name = decodeURIComponent(path.slice(unload.length));
    if (residency.find(name) === undefined) return { status: 404, body: 'model not found' };
    await residency.unload(name);
    return ok('OK');
  }
  if (!path.startsWith('/upstream/')) return { status: 404, body: '404 page not found' };
  const rest = decodeURIComponent(path.slice('/upstream/'.length));
  const name = residency.names().find((one) => rest.startsWith(`${one}/`));
  if (name === undefined) return { status: 404, body: 'model not found' };
  // A process that is up answers these by itself.
  if (manners().deadScheduler && !residency.isResident(name)) await clock.never(signal);
  // Whatever is asked of a model loads it.
  await residency.load(name, { signal });
  return ofModel({ ...asked, path: rest.slice(name.length) }, name, insides);
};

/** What only starts counts as loaded here. */
const listed = (id: string, { residency }: Insides): object => ({
  id,
  object: 'model',
  created: 1_795_257_992,
  owned_by: 'llama-swap',
  status: { value: residency.stateOf(id) === 'unloaded' ? 'unloaded' : 'loaded' },
  meta: { llamaswap: { type: 'model' } },
});

const running = ({ residency }: Insides): object[] =>
  residency.names().flatMap((model) => {
    const state = residency.stateOf(model);
    if (state === 'unloaded') return [];
    const told = { loading: 'starting', loaded: 'ready', leaving: 'stopping' }[state];
    return {
      model,
      state: told,
      cmd: `llama-server --ctx-size ${residency.find(model)?.context}`,
      proxy: '',
      ttl: 0,
    };
  });

const metrics = ({ residency, memory }: Insides): string => {
  if (!Number.isFinite(memory)) return '# performance monitor not available\n';
  const labels = '{id="0",name="GPU",uuid="u"}';
  return `llamaswap_gpu_memory_used_bytes${labels} ${residency.inUse()}\nllamaswap_gpu_memory_total_bytes${labels} ${memory}\n`;
};

/** The answer to a chat for a model that is not there. */
export const noSuchModel = (name: string): Answer => ({
  status: 404,
  body: `could not find suitable handler for ${name}`,
});
