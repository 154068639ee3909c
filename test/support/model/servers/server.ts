import type { Clock } from '../clock.ts';
import type { Flavour, Manners } from '../manners.ts';
import type { Places } from '../places.ts';
import { type ChatCall, countTokens } from '../reply.ts';
import type { Residency } from '../residency.ts';

/** What a scripted host answers; a text goes out as it is. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** The client has gone. */
  readonly signal: AbortSignal;
}

/** What the paths of a flavour work on. */
export interface Insides {
  readonly kind: Flavour;
  readonly residency: Residency;
  readonly places: Places;
  readonly clock: Clock;
  readonly manners: () => Manners;
  /** Calls at once, as the server tells it: 1 where the script says nothing. */
  readonly slots: number;
  /** Bytes; infinite where the script does not say. */
  readonly memory: number;
  /** Whether vLLM was started with its sleep mode. */
  readonly sleepMode: boolean;
  /** Ends the server as a crash would. */
  readonly crash: () => void;
}

/** Undefined: it has no such path. */
export type Server = (asked: Asked, insides: Insides) => Promise<Answer | undefined>;

export const ok = (body: unknown): Answer => ({ status: 200, body });

export const nowhere: Answer = {
  status: 404,
  body: { error: { message: 'File Not Found', type: 'not_found_error', code: 404 } },
};

export const modelIn = (body: unknown): string =>
  typeof body === 'object' && body !== null && 'model' in body ? String(body.model) : '';

/** As many as a chat is charged: a prompt that comes to fewer than were counted looks cut. */
export const tokensOf = (body: unknown): number => {
  const { messages = [], content = '' } = body as Partial<ChatCall> & { readonly content?: string };
  return messages.length > 0 ? countTokens({ model: '', messages }) : Math.ceil(content.length / 4);
};
