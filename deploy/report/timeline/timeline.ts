/** What the hosts did while a convoy was at work, as a picture shows it. All moments are epoch ms. */

export interface Timeline {
  readonly convoy: string;
  readonly from: number;
  readonly to: number;
  /** By name. */
  readonly hosts: readonly TimelineHost[];
}

export interface TimelineHost {
  readonly host: string;
  /** Calls at once; undefined where no lease has told. */
  readonly slots: number | undefined;
  readonly sessions: readonly Session[];
  readonly changes: readonly Change[];
  readonly calls: readonly TimelineCall[];
  readonly swaps: { readonly count: number; readonly ms: number };
}

/** A model whose gate was open. */
export interface Session {
  readonly model: string;
  readonly from: number;
  /** Since when it took no more calls, and those under way went on. */
  readonly drainsFrom: number | undefined;
  readonly to: number;
}

/** The server at work on its memory. */
export interface Change {
  readonly kind: 'load' | 'unload';
  readonly model: string;
  readonly from: number;
  readonly to: number;
  /** The type of the failure that it ended with. */
  readonly failure: string | undefined;
}

export interface TimelineCall {
  /** `convoy/epic/bead` */
  readonly bead: string;
  readonly role: string;
  readonly turn: number;
  readonly model: string;
  readonly from: number;
  readonly to: number;
  /** The place on the host; undefined in transcripts of older versions. */
  readonly slot: number | undefined;
  readonly outcome: string;
  readonly replied: boolean;
  /** Of another convoy, which shared the host. */
  readonly other: boolean;
}
