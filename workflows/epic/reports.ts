import type { BoardBead } from '../domain/epicBoard.ts';
import type { BeadReport } from '../ports.ts';
import type { EpicDesk } from './desk.ts';

/** What the beads that this one needs have found out. */
export const reportsFor = ({ board }: EpicDesk, { spec }: BoardBead): readonly BeadReport[] =>
  spec.needs.flatMap((id) => {
    const needed = board.get(id);
    const ref = needed?.landed?.reportRef;
    return needed === undefined || ref === undefined ? [] : [{ title: needed.spec.title, ref }];
  });
