import { madeForLess } from '../../../workflows/domain/host/hostTrouble.ts';
import type { ModelSettings } from '../../../workflows/domain/host/model.ts';
import {
  bareName,
  carrierName,
  contextsShown,
  isCalled,
  loadedModels,
  ollamaVersion,
  weightsShown,
} from '../../../workflows/domain/host/modelServer.ts';
import { measured, type ResidentModel, unknown } from '../../../workflows/domain/host/probe.ts';
import { itemsIn, textIn } from '../../../workflows/domain/queue/foreign.ts';
import { fail } from '../../failure.ts';
import { type Access, type Driver, maybe, quickMs } from './driver.ts';

/**
 * Ollama, by exchanges recorded with 0.17.4. Its scheduler knows weights files, not names: aliases of one file share a runner, and
 * /api/ps lists only the one that loaded it, so residency is compared by weights. /v1 carries no num_ctx, so a context
 * that is larger than what the model gives is baked into an alias. A keep_alive is sent only by `load`, after all
 * that must go is gone: one for the victim of an eviction hangs every later load.
 */
export const createOllamaDriver = (access: Access): Driver => {
  const { host, ask } = access;

  /** Throws `ModelMissing` when it is asked for a model of the town and there is none. */
  const show = async (name: string, signal: AbortSignal, model?: ModelSettings): Promise<unknown> => {
    const question = {
      method: 'POST',
      path: '/api/show',
      body: { model: name },
      timeoutMs: quickMs,
    } as const;
    return ask(model === undefined ? question : { ...question, model }, signal);
  };

  const resident = async (signal: AbortSignal): Promise<readonly ResidentModel[]> => {
    const by = `GET ${host.url}/api/ps`;
    const answer = await ask({ method: 'GET', path: '/api/ps', timeoutMs: quickMs }, signal);
    return Promise.all(
      loadedModels(answer).map(async ({ name, context, size, inGpu, kept }) => {
        // A name that was deleted while its model is in memory has no description: it is a stranger then.
        const shown = await maybe(access, '/api/show', signal, { model: name });
        return {
          name,
          id: weightsShown(shown) ?? name,
          // Its own engine is listed while it still loads, a dead runner too: only a load that answers tells more.
          state: 'ready' as const,
          context: measured(context, by),
          bytes: measured(size, by),
          kept,
          inGpu: size === undefined ? unknown(by) : measured(inGpu, by),
        };
      }),
    );
  };

  const generate = (
    name: string,
    keepAlive: number,
    timeoutMs: number,
    signal: AbortSignal,
    model?: ModelSettings,
  ) =>
    ask(
      {
        ...{ method: 'POST', path: '/api/generate', timeoutMs },
        // No options: a num_ctx here makes a runner that the next /v1 call, which carries none, would restart.
        body: { model: name, keep_alive: keepAlive, stream: false },
        ...(model === undefined ? {} : { model }),
      },
      signal,
    );

  /** Whether a call by the model's name runs with what is loaded; else it would be loaded anew. */
  const isAsCalled = async (
    held: ResidentModel,
    model: ModelSettings,
    signal: AbortSignal,
  ): Promise<boolean> => {
    if (isCalled(held.name, model.name)) return true;
    const { given, trained = Number.POSITIVE_INFINITY } = contextsShown(
      await show(model.name, signal, model),
    );
    return given !== undefined && Math.min(given, trained) === held.context.value;
  };

  return {
    flavours: ['ollama'],
    resident,
    identify: async (model, signal) => weightsShown(await show(model.name, signal, model)) ?? model.name,

    carrier: async (model, found, signal) => {
      const shown = await show(model.name, signal, model);
      const { given, trained } = contextsShown(shown);
      if (trained !== undefined && trained < model.context) {
        const told = madeForLess(
          host,
          model,
          trained,
          `POST ${host.url}/api/show: context_length ${trained}`,
        );
        throw fail(told.type, told);
      }
      if ((found ?? given ?? 0) >= model.context) return model;
      const alias = { ...model, name: carrierName(model.name, model.context) };
      const made = await maybe(access, '/api/show', signal, { model: alias.name });
      // Weights that were pulled anew leave an alias of the old ones behind.
      const isGood =
        weightsShown(made) === weightsShown(shown) && (contextsShown(made).given ?? 0) >= model.context;
      if (isGood) return alias;
      // What the server gives by itself shows only when it is loaded.
      if (given === undefined && found === undefined) return model;
      const body = {
        ...{ model: alias.name, from: bareName(model.name), stream: false },
        parameters: { num_ctx: model.context },
      };
      await ask({ method: 'POST', path: '/api/create', body, timeoutMs: 60_000, model }, signal);
      return alias;
    },

    couldCarry: async (model, signal) => {
      const { trained } = contextsShown(await show(model.name, signal, model));
      return trained !== undefined && trained >= model.context;
    },

    // Answers when it is ready; a client that gives up before ends the load.
    load: async (model, { present, limitMs }, signal) => {
      // Somebody else's load may be waiting for this very model to go, and no list says so: what is kept already is not kept again.
      if (present?.kept === true && (await isAsCalled(present, model, signal))) return;
      await generate(model.name, -1, limitMs, signal, model);
    },

    // Answers at once; the memory is free when its calls have ended.
    unload: async ({ name }, signal) => {
      await generate(name, 0, quickMs, signal);
    },

    facts: async (signal) => {
      const [version, tags] = [
        await maybe(access, '/api/version', signal),
        await maybe(access, '/api/tags', signal),
      ];
      const names = itemsIn(tags, 'models').map((entry) => bareName(textIn(entry, 'name') ?? ''));
      const silent = unknown('Ollama does not tell');
      return {
        software: measured('Ollama', `GET ${host.url}/api/ps`),
        version: measured(ollamaVersion(version), `GET ${host.url}/api/version`),
        models: measured(tags === undefined ? undefined : names, `GET ${host.url}/api/tags`),
        ...{ memory: silent, used: silent, slots: silent, running: silent, waiting: silent },
      };
    },

    capabilities: async (name, signal) => {
      const shown =
        name === undefined ? undefined : await maybe(access, '/api/show', signal, { model: name });
      const listed = itemsIn(shown, 'capabilities');
      const by = `POST ${host.url}/api/show`;
      return {
        load: measured(true, 'POST /api/generate of Ollama'),
        unload: measured(true, 'POST /api/generate of Ollama'),
        tokenizer: measured(false, 'Ollama has none'),
        tools: measured(listed.length === 0 ? undefined : listed.includes('tools'), by),
        jsonSchema: measured(true, 'Ollama holds replies to a grammar'),
      };
    },
  };
};
