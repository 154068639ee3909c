import type { ModelSettings } from '../../../workflows/domain/host/model.ts';
import { type ListedModel, listedModels } from '../../../workflows/domain/host/modelServer.ts';
import { measured, unknown } from '../../../workflows/domain/host/probe.ts';
import { modelMissing } from '../answers.ts';
import { type Access, type HostFacts, quickMs } from './driver.ts';

/** The answer to `GET /v1/models`, which all of these servers give. */
export const listOf = async (
  { ask }: Access,
  signal: AbortSignal,
  model?: ModelSettings,
): Promise<readonly ListedModel[]> => {
  const question = { method: 'GET', path: '/v1/models', timeoutMs: quickMs } as const;
  return listedModels(await ask(model === undefined ? question : { ...question, model }, signal));
};

/** The entry of a model. Some servers answer to any name, so the name is compared with the list. Throws `ModelMissing`. */
export const entryOf = ({ host }: Access, all: readonly ListedModel[], model: ModelSettings): ListedModel => {
  const own = all.find((entry) => entry.name === model.name || entry.aliases.includes(model.name));
  if (own !== undefined) return own;
  const names = all.slice(0, 10).map((entry) => entry.name);
  const url = `GET ${host.url}/v1/models`;
  throw modelMissing(
    { host, model, url },
    `${url} lists ${names.length === 0 ? 'no model' : names.join(', ')}`,
  );
};

/** What follows from the list alone. */
export const listFacts = async (access: Access, signal: AbortSignal): Promise<HostFacts> => {
  const by = `GET ${access.host.url}/v1/models`;
  const names = (await listOf(access, signal)).map(({ name }) => name);
  const silent = unknown(by);
  return {
    models: measured(names, by),
    ...{ software: silent, version: silent, memory: silent, used: silent, slots: silent },
    ...{ running: silent, waiting: silent },
  };
};
