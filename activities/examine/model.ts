import { ApplicationFailure } from '@temporalio/common';
import { type Finding, isWell } from '../../workflows/domain/finding.ts';
import { madeForLess } from '../../workflows/domain/host/hostTrouble.ts';
import type { HostSettings, ModelSettings } from '../../workflows/domain/host/model.ts';
import { contextsShown } from '../../workflows/domain/host/modelServer.ts';
import { itemsIn, textIn } from '../../workflows/domain/queue/foreign.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { fail } from '../failure.ts';
import { createAdapter } from '../models/adapters/adapter.ts';
import { createAsk } from '../models/ask.ts';
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
    // As the town would load it: what is in the way goes first, and where only an alias carries the context, there is one.
    if (before === undefined) await adapter.load(model, [], signal);
    else await adapter.prove(model, signal);
    const ms = Math.round(performance.now() - begun);
    const how = before === undefined ? 'with loading' : 'in memory';
    // A call by this name may have had it loaded anew, with another context.
    const context = (await adapter.check(model, signal).catch(notLoaded))?.context;
    const well = isWell(check, `generates on ${host.name} (${ms} ms ${how})`, contextText(context, model));
    yield { ...well, measured: { ms, context } };
  } catch (error) {
    const finding = failedBy(check, error);
    yield isMissing(error)
      ? { ...finding, evidence: `${finding.evidence}\n${await namesOn(request)}`.trim() }
      : finding;
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof ApplicationFailure && error.type === 'ModelMissing';

/** Ollama does not say in its refusal what it has instead. */
const namesOn = async ({ host, apiKey, signal }: ModelExamination): Promise<string> => {
  if (host.kind !== 'ollama') return '';
  const question = { method: 'GET', path: '/api/tags', timeoutMs: 10_000 } as const;
  const answer = await createAsk(host, apiKey)(question, signal).catch(() => undefined);
  const names = itemsIn(answer, 'models').map((entry) => oneLine(textIn(entry, 'name') ?? '', 80));
  return `${host.url} has: ${names.slice(0, 12).join(', ') || 'no model'}`;
};

/** Not being loaded is no failure of a model that nobody has called yet. */
const notLoaded = (error: unknown): undefined => {
  if (error instanceof ApplicationFailure && error.type === 'ModelNotResident') return;
  throw error;
};

const contextText = (found: number | undefined, { context }: ModelSettings): string =>
  found === undefined
    ? `context: ${context} promised; the server does not tell its own`
    : `context: ${context} promised, ${found} found`;

/** Ollama tells what the weights were trained for; an alias gives them so much, and no more. */
const checkTrained = async ({ host, model, apiKey, signal }: ModelExamination): Promise<void> => {
  if (host.kind !== 'ollama') return;
  const path = '/api/show';
  const ask = createAsk(host, apiKey);
  const shown = await ask(
    { method: 'POST', path, body: { model: model.name }, timeoutMs: 10_000, model },
    signal,
  );
  const { trained } = contextsShown(shown);
  if (trained === undefined || trained >= model.context) return;
  const told = madeForLess(host, model, trained, `POST ${host.url}${path}: trained for ${trained}`);
  throw fail(told.type, told);
};
