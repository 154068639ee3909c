import { setHandler } from '@temporalio/workflow';
import { boardProposals } from '../domain/bead/proposal.ts';
import { proposalIds } from '../domain/messageShapes.ts';
import { dismissProposals } from '../messages.ts';
import { refused, refuseUnfit } from '../receive.ts';
import type { EpicDesk } from './desk.ts';

/** A person does not want some of what the polecats propose. What they want comes as `addBeads`. */
export const handleProposals = (desk: EpicDesk): void => {
  const dismissed = (): ReadonlySet<string> => desk.dismissed ?? new Set();
  setHandler(
    dismissProposals,
    (ids) => {
      desk.dismissed = new Set([...dismissed(), ...ids]);
      desk.version++;
      return ids;
    },
    {
      description: 'Takes proposed beads off the board',
      validator: (ids: readonly string[]) => {
        refuseUnfit('dismissProposals', proposalIds, ids);
        const waiting = boardProposals(desk.board, dismissed())
          .filter(({ state }) => state === 'waiting')
          .map(({ id }) => id);
        const unknown = ids.filter((id) => !waiting.includes(id));
        if (ids.length > 0 && unknown.length === 0) return;
        throw refused(
          `No such proposal waits here: ${unknown.join(', ') || 'none given'}. Waiting: ${waiting.join(', ') || 'none'}`,
        );
      },
    },
  );
};
