import type { Client } from '@temporalio/client';
import { parseBeadKey, workflowId } from '../../workflows/domain/naming.ts';
import type { BeadStatus } from '../../workflows/domain/report/report.ts';
import type { StandingPort } from '../../workflows/ports.ts';
import { isGone } from './gone.ts';

/** How a bead's workflow stands, for who wants to land its branch beside it. */
export const createBeadStanding = ({ client }: { client: Client }): StandingPort => ({
  async beadStanding(bead) {
    const ref = parseBeadKey(bead);
    if (ref === undefined) return null;
    const handle = client.workflow.getHandle(workflowId.bead(ref));
    try {
      const [{ status }, told] = await Promise.all([
        handle.describe(),
        handle.query<BeadStatus>('beadStatus'),
      ]);
      const { state, title, polecat, model, lands } = told;
      if (lands === undefined) return null;
      return { isRunning: status.name === 'RUNNING', state, title, polecat, model, lands };
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  },
});
