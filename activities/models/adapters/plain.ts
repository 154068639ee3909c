import { studioModel } from '../../../workflows/domain/host/modelServer.ts';
import { measured, type ResidentModel, unknown } from '../../../workflows/domain/host/probe.ts';
import { type Access, type Driver, maybe } from './driver.ts';
import { entryOf, listFacts, listOf } from './list.ts';

/** Any server that tells no more than its list. LM Studio tells what is loaded, but /v1 cannot change that: see kind `command`. */
export const createPlainDriver = (access: Access, flavour: 'openai' | 'lm-studio'): Driver => {
  const by = `GET ${access.host.url}/v1/models`;

  const resident = async (signal: AbortSignal): Promise<readonly ResidentModel[]> => {
    const list = await listOf(access, signal);
    const studio = flavour === 'openai' ? undefined : await maybe(access, '/api/v0/models', signal);
    return list.map(({ name, context, bytes }) => {
      const more = studioModel(studio, name);
      return {
        ...{ name, id: name, state: more?.loaded === true ? ('ready' as const) : ('present' as const) },
        context: measured(
          more?.context ?? context,
          more === undefined ? by : `GET ${access.host.url}/api/v0/models`,
        ),
        bytes: measured(bytes, by),
        inGpu: unknown(by),
      };
    });
  };

  return {
    flavours: [flavour],
    resident,
    identify: async (model, signal) => entryOf(access, await listOf(access, signal, model), model).name,
    facts: async (signal) => ({
      ...(await listFacts(access, signal)),
      software: measured(flavour === 'lm-studio' ? 'LM Studio' : undefined, by),
    }),
    capabilities: async () => ({
      load: measured(false, `${by} tells of no way`),
      unload: measured(false, `${by} tells of no way`),
      tokenizer: unknown('asked for with the first prompt'),
      tools: unknown(by),
      jsonSchema: unknown(by),
    }),
  };
};
