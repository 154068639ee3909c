import type { Client } from '@temporalio/client';
import { beadKey } from '../workflows/domain/naming.ts';
import type { BeadLine, ConvoyStatus } from '../workflows/domain/report/report.ts';
import { idsOf } from './ask.ts';
import { lookAtConvoy } from './lookAtConvoy.ts';

/** A polecat (worker agent), and the bead that it works on or is parked with. */
export interface PolecatAtWork {
  readonly polecat: string;
  /** CONVOY/EPIC/BEAD. */
  readonly bead: string;
  readonly title: string;
  readonly rig: string;
  readonly state: BeadLine['state'];
  readonly model: string;
  readonly turns: number;
  readonly tokens: number;
  readonly ms: number;
  /** What it waits for, in a line. */
  readonly waiting: string | undefined;
}

/** Who works on what in a convoy, by convoy, epic and wave. */
export const polecatsIn = ({ epics }: ConvoyStatus): readonly PolecatAtWork[] =>
  epics.flatMap(({ convoy, epic, rig, beads }) =>
    beads
      .filter(({ state }) => !idle.includes(state))
      .toSorted((a, b) => a.wave - b.wave)
      .map(({ polecat, bead, title, state, model, turns, tokens, ms, failure }) => ({
        ...{ polecat, bead: beadKey({ convoy, epic, bead }), title, rig, state, model, turns, tokens, ms },
        waiting: failure?.what,
      })),
  );

/** Of all convoys that run, or of one. */
export const lookAtPolecats = async (client: Client, convoy?: string): Promise<readonly PolecatAtWork[]> => {
  if (convoy !== undefined) return polecatsIn(await lookAtConvoy(client, convoy, 'beads'));
  const ids = await idsOf(client, 'convoy', true);
  const found = await Promise.all(
    // One that ends at this moment has nobody at work.
    ids.map((id) => lookAtConvoy(client, id.slice('convoy/'.length), 'beads').catch(() => undefined)),
  );
  return found.flatMap((status) => (status === undefined ? [] : polecatsIn(status)));
};

const idle: readonly BeadLine['state'][] = ['pending', 'held', 'landed', 'blocked', 'cancelled'];
