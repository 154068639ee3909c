import type { Price } from '../budget/money.ts';

/** Who turns an epic in prose into a plan, as configured. */
export type MayorSettings = OwnMayor | CloudMayor;

/** A model of the town's own hosts: called through its queue like a polecat's (G8). */
export interface OwnMayor {
  readonly kind: 'own';
  /** Key of the model. */
  readonly model: string;
  readonly callTimeoutMs: number;
  readonly price?: Price;
}

/** A model elsewhere. What it may be shown is said by the rig's `cloud`. */
export interface CloudMayor {
  readonly kind: 'cloud';
  readonly provider: 'gemini' | 'openai';
  readonly model: string;
  /** Origin without a path; undefined is the provider's own. */
  readonly baseUrl: string | undefined;
  readonly apiVersion: string;
  /** Name of the environment variable that holds the key; the key itself never leaves the process. */
  readonly apiKeyEnv: string | undefined;
  readonly maxTokens: number;
  readonly callTimeoutMs: number;
  readonly price?: Price;
}
