import type { HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';
import type {
  Capabilities,
  Flavour,
  HostProbe,
  ResidentModel,
} from '../../../workflows/domain/host/probe.ts';
import { type Ask, createAsk, createAskText } from '../ask.ts';

/** The way to one host. */
export interface Access {
  readonly host: HostSettings;
  readonly apiKey: string | undefined;
  readonly ask: Ask;
  /** For the few answers that are no JSON. */
  readonly askText: (...args: Parameters<Ask>) => Promise<string>;
}

export const accessTo = (host: HostSettings, apiKey: string | undefined): Access => ({
  host,
  apiKey,
  ask: createAsk(host, apiKey),
  askText: createAskText(host, apiKey),
});

/**
 * One flavour of server: what it can be asked and told. A driver only asks and tells; that what it was told has also happened is
 * for the adapter to see, which looks again (`reconcile.ts`).
 */
export interface Driver {
  readonly flavours: readonly Flavour[];
  /**
   * What takes memory now. Loads nothing and keeps nothing alive. `closely`: also what only questions tell that would load a
   * model which goes in that very moment; without it, such fields are unknown.
   */
  resident(signal: AbortSignal, how?: 'closely'): Promise<readonly ResidentModel[]>;
  /** What names the weights of a model. Throws `ModelMissing` when the host has none of that name. */
  identify(model: ModelSettings, signal: AbortSignal): Promise<string>;
  /**
   * The model by the name that calls must use to get its context, made if need be; undefined where no name can carry so much.
   * `found` is what its own name turned out to give.
   */
  carrier?(
    model: ModelSettings,
    found: number | undefined,
    signal: AbortSignal,
  ): Promise<ModelSettings | undefined>;
  /** Whether some name could carry its context. */
  couldCarry?(model: ModelSettings, signal: AbortSignal): Promise<boolean>;
  /** Has it loaded. May resolve before it is; `present` is what the host holds of its weights. */
  load?(
    model: ModelSettings,
    at: { readonly present: ResidentModel | undefined; readonly limitMs: number },
    signal: AbortSignal,
  ): Promise<void>;
  /** Has it unloaded. May resolve before it is; told again and again until it is gone. */
  unload?(resident: Pick<ResidentModel, 'name' | 'id'>, signal: AbortSignal): Promise<void>;
  /** What else the host tells. */
  facts(signal: AbortSignal): Promise<HostFacts>;
  /** By the name of a model; of the host alone where none is loaded. */
  capabilities(model: string | undefined, signal: AbortSignal): Promise<Capabilities>;
}

/** A probe without what is asked for anyway. */
export type HostFacts = Omit<HostProbe, 'flavours' | 'resident' | 'capabilities'>;

/** Lists, descriptions and the like, ms. */
export const quickMs = 10_000;

/** A question that a server need not know; undefined then. Throws only when the signal ends it. */
export const maybe = async (
  { ask }: Pick<Access, 'ask'>,
  path: string,
  signal: AbortSignal,
  body?: object,
): Promise<unknown> => {
  const question =
    body === undefined
      ? ({ method: 'GET', path, timeoutMs: quickMs } as const)
      : ({ method: 'POST', path, body, timeoutMs: quickMs } as const);
  const answer = await ask(question, signal).catch(() => undefined);
  signal.throwIfAborted();
  return answer;
};

/** The same for a page of text. */
export const maybeText = async (
  { askText }: Pick<Access, 'askText'>,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const text = await askText({ method: 'GET', path, timeoutMs: quickMs }, signal).catch(() => undefined);
  signal.throwIfAborted();
  return text;
};

/** The sum of all samples of one name in a page of Prometheus. */
export const sampleOf = (page: string | undefined, name: string): number | undefined => {
  const values = (page ?? '')
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)))
    .filter((value) => Number.isFinite(value));
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
};
