import { clockText, wallClock } from '../../workflows/domain/clock.ts';
import type { Finding } from '../../workflows/domain/finding.ts';
import { illBy, isIll, isPoor, isWell } from '../../workflows/domain/finding.ts';
import { keyNotSet, wrongKind } from '../../workflows/domain/host/hostTrouble.ts';
import type { HostSettings, ModelSettings } from '../../workflows/domain/host/model.ts';
import { probeFields } from '../../workflows/domain/host/probeFields.ts';
import { hoursAt } from '../../workflows/domain/host/quiet.ts';
import { failedBy } from './failed.ts';
import { factsOf, type HostFacts } from './hostFacts.ts';
import { memoryFindings } from './memory.ts';
import { examineModel } from './model.ts';

export interface HostExamination {
  readonly host: HostSettings;
  /** Those of the town; the host's own are looked at. */
  readonly models: readonly ModelSettings[];
  readonly apiKey: string | undefined;
  readonly timeZone: string;
  readonly thorough: boolean;
  readonly townOpen: boolean;
  /** Whether all is told that is known of it, well or not. */
  readonly inFull?: boolean;
  readonly signal: AbortSignal;
}

/** One host as the town would find it: whether it answers, how much at once, what it holds, and each of its models. */
export async function* examineHost(request: HostExamination): AsyncGenerator<Finding> {
  const { host, apiKey, signal } = request;
  const check = `host ${host.name}`;
  if (host.apiKeyEnv !== undefined && (apiKey === undefined || apiKey === '')) {
    yield illBy(check, keyNotSet(host));
    return;
  }
  let facts: HostFacts;
  try {
    facts = await factsOf(host, apiKey, signal);
  } catch (error) {
    yield (await otherKind(request)) ?? failedBy(check, error);
    return;
  }
  if (facts.kind !== host.kind) {
    yield mistaken(host, facts, `GET ${host.url}/api/version answers with its version`);
    return;
  }
  yield isWell(check, `answers in ${facts.ms} ms`, `${facts.server} at ${host.url}`);
  yield slotsOf(check, host, facts);
  yield* memoryFindings(check, host, facts);
  if (request.inFull === true && facts.probe !== undefined)
    yield {
      ...isWell(check, 'what is known of it:'),
      fields: probeFields(facts.probe),
    };
  const hours = hoursAt(host.quiet, request.timeZone, Date.now());
  if (hours.quiet) {
    const until = clockText(wallClock(request.timeZone)(hours.until));
    yield isWell(check, `has quiet hours until ${until}: no model is asked to generate now`);
  }
  const own = request.models.filter(({ hosts }) => hosts.includes(host.name));
  const mayLoad = request.thorough && !request.townOpen && !hours.quiet;
  const mayCall = request.thorough && !hours.quiet;
  // One after the other: a host with room for one would swap them to and fro.
  for (const model of own) yield* examineModel({ host, model, apiKey, facts, mayCall, mayLoad, signal });
}

/** llama.cpp and vLLM know nothing of Ollama's own paths, and look like no model server then. */
const otherKind = async ({ host, apiKey, signal }: HostExamination): Promise<Finding | undefined> => {
  if (host.kind !== 'ollama') return;
  const facts = await factsOf({ ...host, kind: 'openai' }, apiKey, signal).catch(() => undefined);
  if (facts === undefined) return;
  return mistaken(host, facts, `GET ${host.url}/v1/models answers, /api/ps does not`);
};

/** What follows from the wrong kind would mislead: no context of Ollama's is known by the paths of the others (G8). */
const mistaken = (host: HostSettings, { server: software, kind }: HostFacts, evidence: string): Finding => {
  const { what, evidence: seen, next: fix } = wrongKind(host, { software, kind }, evidence);
  return isIll(`host ${host.name}`, { what: `WrongKind: ${what}`, evidence: seen, fix });
};

const slotsOf = (check: string, host: HostSettings, { slots, server }: HostFacts): Finding => {
  if (slots === undefined) {
    const hint =
      host.kind === 'ollama' && host.slots > 1
        ? `for these, start the server with OLLAMA_NUM_PARALLEL=${host.slots}`
        : '';
    return isWell(
      check,
      `is to serve ${callsAtOnce(host.slots)}; ${server} does not tell how many it can`,
      hint,
    );
  }
  if (slots < host.slots)
    return isPoor(check, {
      what: `serves ${callsAtOnce(slots)}, and the town would send ${host.slots}: the others would wait in the server.`,
      evidence: `GET ${host.url}/props: total_slots ${slots}`,
      fix: `Set hosts.${host.name}.slots: ${slots}, or start the server with -np ${host.slots}`,
    });
  return isWell(
    check,
    `serves ${callsAtOnce(slots)}${slots > host.slots ? `; the town uses ${host.slots}` : ''}`,
  );
};

const callsAtOnce = (count: number): string =>
  count === 1 ? 'one call at a time' : `${count} calls at once`;
