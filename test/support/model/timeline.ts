/** One line of what a scripted host saw, with what was in memory at that moment. */
export interface HostEvent {
  /** `performance.now()`. */
  readonly at: number;
  /**
   * `chat`: a call arrived. `begin`: it has its model and a slot. `chatEnd`: it left, however. `refused`: it got an error at once.
   * `stranger`: its model was not resident. `load`, `loaded`, `loadAborted`: as said. `unload`, `evict`: wanted by somebody, a busy
   * model goes on. `leaving`: its memory is being freed. `unloaded`, `evicted`: gone. `died`: its process has ended by itself.
   * `request`: any other question.
   */
  readonly event:
    | 'chat'
    | 'begin'
    | 'chatEnd'
    | 'refused'
    | 'stranger'
    | 'load'
    | 'loaded'
    | 'loadAborted'
    | 'unload'
    | 'evict'
    | 'leaving'
    | 'unloaded'
    | 'evicted'
    | 'died'
    | 'request';
  readonly model: string;
  /** Models in memory, those that leave included. */
  readonly resident: readonly string[];
  /** Bytes in use, those of a model that is being loaded included. */
  readonly inUse: number;
  readonly path?: string;
  /** Which call, in order of arrival. */
  readonly call?: number;
  /** Which of the host's places it has, from 0. */
  readonly slot?: number;
  readonly status?: number;
}

/** What a timeline comes to, in the script's own milliseconds. Calls of one token at most, which only prove life, count as none. */
export interface HostFigures {
  readonly spanMs: number;
  readonly calls: number;
  readonly strangers: number;
  readonly refused: number;
  /** Models that came into memory. */
  readonly loads: number;
  /** Loads into the place of another model. */
  readonly swaps: number;
  /** Time in which some model was loaded or freed. */
  readonly swapMs: number;
  /** Time in which at least one call generated. */
  readonly busyMs: number;
  /** Time of all slots in which they generated, and its share of all their time. */
  readonly slotBusyMs: number;
  readonly slotBusyRatio: number;
  /** Why slots were idle: a swap was under way, nothing was resident, or no call was there. */
  readonly idleMs: { readonly swapping: number; readonly empty: number; readonly noCall: number };
  readonly mostInUse: number;
}

interface Span {
  /** Scripted times are divided by this when they run. */
  readonly scale?: number;
  readonly slots: number;
  /** Default: the first and the last event. */
  readonly from?: number;
  readonly to?: number;
}

/** Reads the figures of a host out of what it saw. */
export const readTimeline = (events: readonly HostEvent[], span: Span): HostFigures => {
  const from = span.from ?? events[0]?.at ?? 0;
  const to = span.to ?? events.at(-1)?.at ?? from;
  const running = new Set<number>();
  const changing = new Set<string>();
  const sums = { swapMs: 0, busyMs: 0, slotBusyMs: 0, swapping: 0, empty: 0, noCall: 0 };
  const counts = { calls: 0, strangers: 0, refused: 0, loads: 0, swaps: 0 };
  let resident = events[0]?.resident.length ?? 0;
  let held = resident > 0;
  let last = from;
  let mostInUse = 0;

  const pass = (until: number): void => {
    const ms = Math.max(0, Math.min(until, to) - last);
    last = Math.max(last, Math.min(until, to));
    const busy = Math.min(running.size, span.slots);
    sums.slotBusyMs += ms * busy;
    if (busy > 0) sums.busyMs += ms;
    if (changing.size > 0) sums.swapMs += ms;
    const why = changing.size > 0 ? 'swapping' : resident === 0 ? 'empty' : 'noCall';
    sums[why] += ms * (span.slots - busy);
  };
  for (const event of events) {
    pass(event.at);
    const inside = event.at >= from && event.at <= to;
    if (inside) mostInUse = Math.max(mostInUse, event.inUse);
    resident = event.resident.length;
    if (event.event === 'begin' && event.call !== undefined) running.add(event.call);
    if (event.event === 'chatEnd' && event.call !== undefined) running.delete(event.call);
    if (event.event === 'load' || event.event === 'leaving') changing.add(event.model);
    if (ended.has(event.event)) changing.delete(event.model);
    if (event.event === 'loaded') {
      if (inside) counts.loads += 1;
      if (inside && held) counts.swaps += 1;
      held = true;
    }
    if (!inside) continue;
    if (event.event === 'chat' && event.call !== undefined) counts.calls += 1;
    if (event.event === 'stranger') counts.strangers += 1;
    if (event.event === 'refused') counts.refused += 1;
  }
  pass(to);

  const scale = span.scale ?? 1;
  const all = (to - from) * span.slots;
  return {
    ...counts,
    spanMs: (to - from) * scale,
    swapMs: sums.swapMs * scale,
    busyMs: sums.busyMs * scale,
    slotBusyMs: sums.slotBusyMs * scale,
    slotBusyRatio: all === 0 ? 0 : sums.slotBusyMs / all,
    idleMs: {
      swapping: sums.swapping * scale,
      empty: sums.empty * scale,
      noCall: sums.noCall * scale,
    },
    mostInUse,
  };
};

const ended: ReadonlySet<HostEvent['event']> = new Set([
  'loaded',
  'loadAborted',
  'unloaded',
  'evicted',
  'died',
]);
