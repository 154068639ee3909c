import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type HostNote, noteKinds } from '../../../workflows/domain/host/hostNote.ts';
import { beadOf, isWork, recordsIn, transcriptsIn } from '../transcripts.ts';
import { clipped, hostSpans } from './hostSpans.ts';
import type { Timeline, TimelineCall } from './timeline.ts';

/** A place that no server has: what a torn or foreign line says. */
const mostSlots = 1_024;

type HostCall = TimelineCall & { readonly host: string; readonly waitedMs: number };

/**
 * What the home remembers of the hosts while a convoy was at work, from its first call on; undefined when it has made none. Calls of
 * other convoys on the same hosts are in it as such. Reads leniently: files outlive versions. Asks no server.
 */
export const readTimeline = async (home: string, convoy: string): Promise<Timeline | undefined> => {
  const root = join(home, 'transcripts');
  const files = (await transcriptsIn(root)).filter(isWork);
  const isOwn = (file: string): boolean => beadOf(file).split('/')[0] === convoy;
  const own = (await Promise.all(files.filter(isOwn).map((file) => callsIn(file, false)))).flat();
  if (own.length === 0) return;
  const wanted = own.reduce(
    (least, call) => Math.min(least, call.from - call.waitedMs),
    Number.POSITIVE_INFINITY,
  );
  const to = own.reduce((most, call) => Math.max(most, call.to), wanted + 1);
  const notes = await readNotes(home);
  const from = withItsLoad([...notes.values()], wanted, to);
  const others = await Promise.all(
    files
      .filter((file) => !isOwn(file))
      .map(async (file) => ((await touched(file)) < from ? [] : callsIn(file, true))),
  );
  const calls = [...own, ...others.flat().flatMap((call) => clipped(call, from, to))];
  const names = new Set([...own.map(({ host }) => host), ...notes.keys()]);
  const hosts = [...names].toSorted().map((host) => ({
    host,
    ...hostSpans(notes.get(host) ?? [], from, to),
    calls: calls.filter((call) => call.host === host).map(({ host: _, waitedMs: __, ...call }) => call),
  }));
  const isSeen = ({ sessions, changes, calls: made }: (typeof hosts)[number]): boolean =>
    sessions.length + changes.length + made.length > 0;
  return { convoy, from, to, hosts: hosts.filter(isSeen) };
};

/** The load that the first call waits for begins before that is wanted, where hosts look ahead. */
const withItsLoad = (notes: readonly (readonly HostNote[])[], from: number, to: number): number => {
  const loads = notes.flatMap((one) => hostSpans(one, from - longestLoad, to).changes);
  return loads
    .filter((one) => one.kind === 'load' && one.to > from)
    .reduce((least, one) => Math.min(least, one.from), from);
};
const longestLoad = 10 * 60_000;

const touched = async (file: string): Promise<number> =>
  (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;

const callsIn = async (file: string, other: boolean): Promise<readonly HostCall[]> => {
  const bead = beadOf(file);
  return (await recordsIn(file)).flatMap((line) => callOf(line, bead, other));
};

const callOf = (
  line: Readonly<Record<string, unknown>>,
  bead: string,
  other: boolean,
): readonly HostCall[] => {
  const { at, host, model } = line;
  const end = moment(at);
  if (end === undefined || typeof host !== 'string' || typeof model !== 'string') return [];
  const common = {
    ...{ bead, model, host, other },
    role: typeof line['role'] === 'string' ? line['role'] : 'polecat',
    turn: amount(line['turn']),
    outcome: typeof line['outcome'] === 'string' ? line['outcome'] : '',
    replied: line['replyRef'] !== undefined,
    waitedMs: 0,
  };
  // Older lines know only how long it took. A call that never got a place was never on the host.
  const from = moment(line['startedAt']) ?? end - amount(line['ms']);
  const neverBegan = line['startedAt'] === undefined && line['replyRef'] === undefined;
  const spares = Array.isArray(line['spares']) ? line['spares'] : [];
  return [
    ...(neverBegan
      ? []
      : [
          {
            ...common,
            from,
            to: Math.max(from, end),
            slot: slotOf(line['slot']),
            waitedMs: amount(line['waitedMs']),
          },
        ]),
    ...spares.flatMap((spare: unknown) => {
      if (typeof spare !== 'object' || spare === null) return [];
      const { startedAt, ms, slot } = spare as Record<string, unknown>;
      const begun = moment(startedAt);
      if (begun === undefined) return [];
      return [{ ...common, role: 'spare', from: begun, to: begun + amount(ms), slot: slotOf(slot) }];
    }),
  ];
};

/** Notes by host, from the file that is written and those before it. */
const readNotes = async (home: string): Promise<ReadonlyMap<string, readonly HostNote[]>> => {
  const folder = join(home, 'fleet');
  const files = (await readdir(folder).catch(() => [])).filter((name) =>
    /^[a-z0-9-]+(\.\d+)?\.jsonl$/.test(name),
  );
  const notes = new Map<string, HostNote[]>();
  for (const file of files) {
    const host = file.replace(/\..*$/, '');
    const read = (await recordsIn(join(folder, file))).flatMap(noteOf);
    notes.set(host, [...(notes.get(host) ?? []), ...read]);
  }
  return notes;
};

const noteOf = (line: Readonly<Record<string, unknown>>): readonly HostNote[] => {
  const at = moment(line['at']);
  const kind = noteKinds.find((one) => one === line['kind']);
  const { models, ms, failure, slots } = line;
  if (at === undefined || kind === undefined || !Array.isArray(models)) return [];
  return [
    {
      ...{ at, kind, models: models.filter((model) => typeof model === 'string') },
      ...(typeof ms === 'number' ? { ms: amount(ms) } : {}),
      ...(typeof failure === 'string' ? { failure } : {}),
      ...(slotOf(slots) === undefined ? {} : { slots: amount(slots) }),
    },
  ];
};

/** A date that a date can be made of. */
const moment = (value: unknown): number | undefined =>
  typeof value === 'number' && value > 0 && value < 8e15 ? value : undefined;

const amount = (value: unknown): number =>
  typeof value === 'number' && value > 0 && value < 8e15 ? value : 0;

const slotOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < mostSlots ? value : undefined;
