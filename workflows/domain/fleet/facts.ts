/** What the configuration says of models and hosts, as far as planning needs it. */

export interface ModelFacts {
  readonly key: string;
  /** Names the weights; models of the same weights differ in context. */
  readonly weights: string;
  readonly context: number;
  /** Of memory, weights and cache; undefined: unknown. */
  readonly bytes: number | undefined;
  /** What to expect of a load and an unload before one was measured, ms. */
  readonly loadMs: number;
  readonly unloadMs: number;
}

export interface HostFacts {
  readonly host: string;
  readonly slots: number;
  /** Bytes for models; undefined: unknown. */
  readonly memory: number | undefined;
  readonly coresident: boolean;
  readonly serves: readonly string[];
}

/** Whether a host has models to choose between: with one, or all together, nothing is to be planned for it. */
export const hasChoice = ({ serves, coresident }: Pick<HostFacts, 'serves' | 'coresident'>): boolean =>
  serves.length > 1 && !coresident;

export interface FleetFacts {
  readonly models: readonly ModelFacts[];
  readonly hosts: readonly HostFacts[];
}
