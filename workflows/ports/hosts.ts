/** The port of the queues `host.<host>`. */

export interface HostPort {
  /**
   * The lease of one host: while it runs, and only then, this process keeps the Workers on `llm.<model>` of the host
   * and decides what is loaded. Returns at a quiet moment after `maxMs`.
   */
  tendHost(request: TendHost): Promise<void>;
}

export interface TendHost {
  readonly host: string;
  readonly maxMs: number;
}
