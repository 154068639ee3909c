import { afterNote, type HostNote, noSwapYet } from '../../../workflows/domain/host/hostNote.ts';
import type { Change, Session, TimelineHost } from './timeline.ts';

type HostSpans = Pick<TimelineHost, 'slots' | 'sessions' | 'changes' | 'swaps'>;

interface Opened {
  readonly from: number;
  drainsFrom: number | undefined;
}

/**
 * What a host's notes say of the time from `from` to `to`. A process that was killed notes no end: its sessions and loads end with
 * the next lease, and what nobody ended goes on to the end of the picture.
 */
export const hostSpans = (notes: readonly HostNote[], from: number, to: number): HostSpans => {
  const sessions: Session[] = [];
  const changes: Change[] = [];
  const open = new Map<string, Opened>();
  const under = new Map<string, number>();
  let swapState = noSwapYet;
  let swaps = { count: 0, ms: 0 };
  let slots: number | undefined;

  const close = (model: string, at: number): void => {
    const opened = open.get(model);
    if (opened !== undefined) sessions.push({ model, ...opened, to: at });
    open.delete(model);
  };
  const endAll = (at: number): void => {
    for (const model of [...open.keys()]) close(model, at);
    for (const [key, begun] of under)
      changes.push({ ...changeOf(key), from: begun, to: at, failure: undefined });
    under.clear();
  };

  for (const note of notes.toSorted((a, b) => a.at - b.at)) {
    if (note.at > to) break;
    const { at, kind, models } = note;
    const after = afterNote(swapState, note);
    swapState = after.state;
    if (after.swap !== undefined && at >= from)
      swaps = { count: swaps.count + 1, ms: swaps.ms + after.swap.ms };
    if (kind === 'leased' || kind === 'released') endAll(at);
    if (kind === 'leased' && note.slots !== undefined) slots = note.slots;
    for (const model of models) {
      const opened = open.get(model);
      if (kind === 'opens' && opened === undefined) open.set(model, { from: at, drainsFrom: undefined });
      if (kind === 'drains' && opened !== undefined) opened.drainsFrom ??= at;
      if (kind === 'closes') close(model, at);
      if (kind === 'load-begins' || kind === 'unload-begins') under.set(keyOf(kind, model), at);
      if (kind !== 'load-ends' && kind !== 'unload-ends') continue;
      const key = keyOf(kind, model);
      const begun = under.get(key) ?? at - (note.ms ?? 0);
      under.delete(key);
      changes.push({ ...changeOf(key), from: begun, to: at, failure: note.failure });
    }
  }
  endAll(to);
  return {
    slots,
    sessions: sessions.flatMap((one) => clipped(one, from, to)),
    changes: changes.flatMap((one) => clipped(one, from, to)),
    swaps,
  };
};

const keyOf = (kind: HostNote['kind'], model: string): string => `${kind.replace(/-.*/, '')} ${model}`;

const changeOf = (key: string): Pick<Change, 'kind' | 'model'> => {
  const space = key.indexOf(' ');
  return { kind: key.slice(0, space) === 'load' ? 'load' : 'unload', model: key.slice(space + 1) };
};

/** The part of a stretch of time that the picture shows. */
export const clipped = <T extends { readonly from: number; readonly to: number }>(
  one: T,
  from: number,
  to: number,
): readonly T[] => {
  const part = { ...one, from: Math.max(from, one.from), to: Math.min(to, one.to) };
  // What only touches the edge has no part in it.
  const isIn = part.to > part.from || (one.from === one.to && one.from >= from && one.to <= to);
  return isIn ? [part] : [];
};
