/** What happened to the models of a host, as the holder of its lease notes it for people. Nothing decides by it (G4). */

/**
 * `leased` and `released`: a lease begins or ends, and no gate is open. `opens`, `drains`, `closes`: a gate. The others are the
 * server's work, which a failure may end as well.
 */
export const noteKinds = [
  'leased',
  'released',
  'opens',
  'drains',
  'closes',
  'load-begins',
  'load-ends',
  'unload-begins',
  'unload-ends',
] as const;
export type NoteKind = (typeof noteKinds)[number];

export interface HostNote {
  /** Epoch ms. */
  readonly at: number;
  readonly kind: NoteKind;
  /** Keys of models. */
  readonly models: readonly string[];
  /** With `leased`: how many calls the host takes at once. */
  readonly slots?: number;
  /** How long what ends here has taken. */
  readonly ms?: number;
  /** The type of the failure that ended it. */
  readonly failure?: string;
}

/** What of a host's past decides whether the next opening is a swap. */
export interface SwapState {
  readonly open: readonly string[];
  /** Closed since, and not opened again. */
  readonly closed: readonly string[];
  /** Work of the server on models since the last opening. */
  readonly ms: number;
}

export const noSwapYet: SwapState = { open: [], closed: [], ms: 0 };

export interface Swap {
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** How long the server was at work on it: unloading, loading, proving. Calls that drained before are none of it. */
  readonly ms: number;
}

/**
 * Takes one note in. A swap is an opening of a model that was not there, after one was closed that has not come back: a model
 * that fails and returns is none, and neither is the first one of a lease.
 */
export const afterNote = (
  state: SwapState,
  { kind, models, ms = 0 }: HostNote,
): { readonly state: SwapState; readonly swap: Swap | undefined } => {
  switch (kind) {
    case 'leased':
    case 'released':
      return { state: noSwapYet, swap: undefined };
    case 'load-ends':
    case 'unload-ends':
      return { state: { ...state, ms: state.ms + ms }, swap: undefined };
    case 'closes': {
      const closed = [...new Set([...state.closed, ...models])];
      return { state: { ...state, open: without(state.open, models), closed }, swap: undefined };
    }
    case 'opens': {
      const isNew = models.some((model) => !state.open.includes(model) && !state.closed.includes(model));
      const from = without(state.closed, models);
      const swap = isNew && from.length > 0 ? { from, to: models, ms: state.ms } : undefined;
      const open = [...new Set([...state.open, ...models])];
      return { state: { open, closed: swap === undefined ? from : [], ms: 0 }, swap };
    }
    default:
      return { state, swap: undefined };
  }
};

const without = (all: readonly string[], some: readonly string[]): readonly string[] =>
  all.filter((one) => !some.includes(one));
