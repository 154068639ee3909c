import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { Delivery } from '../domain/queue/refineryState.ts';
import { verdict } from '../messages.ts';
import type { RefineryPort } from '../ports.ts';

/** Brings verdicts to the beads that wait for them, behind the queue's back. */
export interface Post {
  deliver(delivery: Delivery): void;
  /** Whether nothing is under way. */
  isEmpty(): boolean;
}

export const createDelivery = (rig: string, bench: Pick<RefineryPort, 'keepVerdict'>): Post => {
  let deliveries = 0;
  const bring = async (delivery: Delivery): Promise<void> => {
    deliveries++;
    try {
      await getExternalWorkflowHandle(delivery.workflowId).signal(verdict, delivery.verdict);
    } catch {
      // The bead is gone: the verdict stays as a fact in git, where a new run of it looks first (G4).
      await bench.keepVerdict({ rig, verdict: delivery.verdict }).catch(() => undefined);
    } finally {
      deliveries--;
    }
  };
  return { deliver: (delivery) => void bring(delivery), isEmpty: () => deliveries === 0 };
};
