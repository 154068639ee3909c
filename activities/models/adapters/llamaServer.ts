import { servingIn } from '../../../workflows/domain/host/modelServer.ts';
import {
  type Capabilities,
  measured,
  type ResidentModel,
  unknown,
} from '../../../workflows/domain/host/probe.ts';
import { field } from '../../../workflows/domain/queue/foreign.ts';
import { type Access, type Driver, maybe, maybeText, sampleOf } from './driver.ts';
import { entryOf, listFacts, listOf } from './list.ts';

/**
 * llama-server of llama.cpp with one model, by recorded exchanges. It holds that model as long as it runs, and answers 503 while it
 * loads. What one request gets is told by /props: its -c is divided by -np.
 */
export const createLlamaServerDriver = (access: Access): Driver => {
  const by = `GET ${access.host.url}/props`;
  const listed = `GET ${access.host.url}/v1/models`;
  return {
    flavours: ['llama-server'],

    resident: async (signal) => {
      const list = await listOf(access, signal);
      // Only a server with one model can mean it by /props.
      const props = list.length === 1 ? await maybe(access, '/props', signal) : undefined;
      const { context } = servingIn(props);
      return list.map(
        (one): ResidentModel => ({
          ...{ name: one.name, id: one.name, state: 'ready' },
          context: context === undefined ? measured(one.context, listed) : measured(context, by),
          // Of the weights alone, which says too little to plan with.
          ...{ bytes: unknown(listed), inGpu: unknown(listed) },
        }),
      );
    },

    identify: async (model, signal) => entryOf(access, await listOf(access, signal, model), model).name,
    facts: async (signal) => ({
      ...(await listFacts(access, signal)),
      ...(await llamaFacts(access, '', signal)),
    }),
    capabilities: async (_, signal) => llamaCapabilities(await maybe(access, '/props', signal), by, false),
  };
};

/** What a process of llama-server tells of itself; `query` names the model where there are several. */
export const llamaFacts = async (access: Access, query: string, signal: AbortSignal) => {
  const by = `GET ${access.host.url}/props${query}`;
  const { build, slots } = servingIn(await maybe(access, `/props${query}`, signal));
  const metrics = await maybeText(access, `/metrics${query}`, signal);
  const told = `GET ${access.host.url}/metrics${query}`;
  return {
    software: measured('llama.cpp', `GET ${access.host.url}/v1/models`),
    version: measured(build, by),
    slots: measured(slots, by),
    running: measured(sampleOf(metrics, 'llamacpp:requests_processing'), told),
    waiting: measured(sampleOf(metrics, 'llamacpp:requests_deferred'), told),
  };
};

export const llamaCapabilities = (props: unknown, by: string, swaps: boolean): Capabilities => {
  const tools = field(field(props, 'chat_template_caps'), 'supports_tools');
  return {
    load: measured(swaps, by),
    unload: measured(swaps, by),
    tokenizer: measured(true, 'llama.cpp counts by /v1/chat/completions/input_tokens or /tokenize'),
    tools: measured(typeof tools === 'boolean' ? tools : undefined, `${by}: chat_template_caps`),
    jsonSchema: measured(true, 'llama.cpp holds replies to a grammar'),
  };
};
