import { ApplicationFailure } from '@temporalio/common';
import { type Finding, isWell } from '../../workflows/domain/finding.ts';
import type { HostSettings, ModelSettings } from '../../workflows/domain/model.ts';
import { createAdapter } from '../models/adapters/adapter.ts';
import { contextTooSmall } from '../models/answers.ts';
import { createAsk, field, positive } from '../models/ask.ts';
import { generateOnce } from '../models/ready.ts';
import { failedBy } from './failed.ts';
import type { HostFacts } from './hostFacts.ts';

interface ModelExamination {
  readonly host: HostSettings;
  readonly model: ModelSettings;
  readonly apiKey: string | undefined;
  readonly facts: HostFacts;
  /** Whether it may be asked to generate when it is in memory. */
  readonly mayCall: boolean;
  /** Whether it may also be loaded for that. */
  readonly mayLoad: boolean;
  readonly signal: AbortSignal;
}

/** One model on one host: there, with the context that its entry promises (G8), and able to generate. */
export async function* examineModel(request: ModelExamination): AsyncGenerator<Finding> {
  const { host, model, apiKey, signal } = request;
  const check = `model ${model.key}`;
  const adapter = createAdapter(host, apiKey);
  try {
    const before = await adapter.check(model, signal).catch(notLoaded);
    // A context that the weights can never have shows without loading them.
    if (before === undefined) await checkTrained(request);
    if (before === undefined ? !request.mayLoad : !request.mayCall) {
      const why = before === undefined ? 'is there and not in memory: not asked to generate' : 'is in memory';
      yield isWell(check, `${why}, on ${host.name}`, contextText(before?.context, model));
      return;
    }
    const begun = performance.now();
    await generateOnce(host, model, apiKey, signal);
    const ms = Math.round(performance.now() - begun);
    const after = await adapter.check(model, signal).catch(notLoaded);
    const how = before === undefined ? 'with loading' : 'in memory';
    yield isWell(check, `generates on ${host.name} (${ms} ms ${how})`, contextText(after?.context, model));
  } catch (error) {
    yield failedBy(check, error);
  }
}

/** Not being loaded is no failure of a model that nobody has called yet. */
const notLoaded = (error: unknown): undefined => {
  if (error instanceof ApplicationFailure && error.type === 'ModelNotResident') return;
  throw error;
};

const contextText = (found: number | undefined, { context }: ModelSettings): string =>
  found === undefined
    ? `context: ${context} promised; the server does not tell its own`
    : `context: ${context} promised, ${found} found`;

/** Ollama tells what the weights were trained for, and what an alias of them would get. */
const checkTrained = async ({ host, model, apiKey, signal }: ModelExamination): Promise<void> => {
  if (host.kind !== 'ollama') return;
  const path = '/api/show';
  const ask = createAsk(host, apiKey);
  const shown = await ask(
    { method: 'POST', path, body: { model: model.name }, timeoutMs: 10_000, model },
    signal,
  );
  const info = field(shown, 'model_info');
  const trained = Object.keys(typeof info === 'object' && info !== null ? info : {})
    .filter((key) => key.endsWith('.context_length'))
    .map((key) => positive(field(info, key)))
    .at(0);
  const given = positive(Number(/^num_ctx\s+(\d+)$/m.exec(String(field(shown, 'parameters') ?? ''))?.[1]));
  const most = Math.min(trained ?? Number.POSITIVE_INFINITY, given ?? Number.POSITIVE_INFINITY);
  if (most >= model.context) return;
  const evidence = `POST ${host.url}${path}: trained for ${trained ?? 'unknown'}, num_ctx ${given ?? 'not set'}`;
  throw contextTooSmall({ host, model, url: `POST ${host.url}${path}` }, most, evidence);
};
