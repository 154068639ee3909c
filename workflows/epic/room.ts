import { isCancellation, patched, sleep } from '@temporalio/workflow';
import type { Failure } from '../domain/failure.ts';
import { rigActivities } from '../proxies.ts';
import type { EpicDesk } from './desk.ts';
import { tellShort } from './tell.ts';

/** What the last looks at the disk of the place found. */
export interface Room {
  lookedAt: number | undefined;
  looking: boolean;
  short: Failure | undefined;
  /** Whether the timer since the last look has run out; undefined before the first, and in histories without such a timer. */
  due?: boolean;
}

export const unseenRoom = (): Room => ({ lookedAt: undefined, looking: false, short: undefined });

/**
 * Whether the disk has room for another bead. Only the first look, and those at a full disk, are waited for: between a
 * landing and the next start nobody waits for one that is renewed while beads start.
 */
export const hasRoom = async (desk: EpicDesk): Promise<boolean> => {
  const { room } = desk;
  const again = lookAgainAt(desk);
  if (again === undefined || !(room.due ?? Date.now() >= again)) return room.short === undefined;
  if (room.lookedAt === undefined || room.short !== undefined) await look(desk);
  else if (!room.looking) void look(desk);
  return room.short === undefined;
};

/** When a full disk is looked at again, epoch ms; undefined while there is room. */
export const shortUntil = (desk: EpicDesk): number | undefined =>
  desk.room.short === undefined ? undefined : lookAgainAt(desk);

/** Undefined where nobody looks: a convoy that was launched by older code. */
const lookAgainAt = ({ room, input }: EpicDesk): number | undefined => {
  const { roomMs } = input.settings.pace;
  return roomMs === undefined ? undefined : (room.lookedAt ?? -roomMs) + roomMs;
};

const look = async (desk: EpicDesk): Promise<void> => {
  const { room, input } = desk;
  const { place, pace } = input.settings;
  room.looking = true;
  try {
    const owner = { rig: input.rig.rig, place, convoy: input.convoy };
    const found = (await rigActivities(owner, pace).roomForBead({ rig: input.rig.rig })) ?? undefined;
    const isNews = (found === undefined) !== (room.short === undefined);
    room.short = found;
    if (!isNews) return;
    desk.version++;
    if (found !== undefined) await tellShort(desk, found);
  } catch (error) {
    // What cannot be looked at holds nothing: the beads themselves meet what is wrong there.
    if (isCancellation(error) && room.lookedAt === undefined) throw error;
  } finally {
    room.lookedAt = Date.now();
    room.looking = false;
    if (pace.roomMs !== undefined && patched('room-by-timer')) tellWhenDue(room, pace.roomMs);
  }
};

/** By a timer, since the time of a workflow task is not the same in every replay (see `bead/clock.ts`). */
const tellWhenDue = (room: Room, ms: number): void => {
  room.due = false;
  sleep(ms, { summary: 'until the disk may be looked at again' }).then(
    () => {
      room.due = true;
    },
    () => undefined,
  );
};
