/** How patient an adapter is, ms. */
export interface Patience {
  /** Between two looks at a host that changes: the first and the longest. */
  readonly pollMs: number;
  readonly pollMaxMs: number;
  /** An order to unload is given again after so long: a request that came in between undoes it. */
  readonly againMs: number;
  /** The least that a load may take. */
  readonly loadMs: number;
  /** What a load may take of which nothing is known. */
  readonly usualLoadMs: number;
  /** What an unload may take: calls of others may have to end. */
  readonly unloadMs: number;
  /** How long a model that has just been loaded may take for one token. */
  readonly proveMs: number;
}

export const defaultPatience: Patience = {
  pollMs: 25,
  pollMaxMs: 500,
  againMs: 2_000,
  loadMs: 60_000,
  // Ollama's own limit for a load.
  usualLoadMs: 5 * 60_000,
  unloadMs: 5 * 60_000,
  proveMs: 2 * 60_000,
};
