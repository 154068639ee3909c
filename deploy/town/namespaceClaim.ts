import type { Client } from '@temporalio/client';
import { TownError } from './trouble.ts';

/**
 * Writes the home's id into the namespace, or finds it there. Two towns in one namespace would take each other's
 * tasks, with the wrong repositories under them. Throws `WrongHome` when the namespace belongs to another home.
 */
export const claimNamespace = async (client: Client, namespace: string, homeId: string): Promise<void> => {
  const { namespaceInfo } = await client.workflowService.describeNamespace({ namespace });
  const owner = namespaceInfo?.data?.[key];
  if (owner === homeId) return;
  if (owner !== undefined && owner !== '') {
    throw new TownError({
      type: 'WrongHome',
      what: `The Temporal namespace ${namespace} belongs to a town with another home.`,
      evidence: `the namespace says ${key}=${owner}, this home is ${homeId}`,
      next: `Open that town instead, or give this one another name (so another namespace) in gastown.yaml.`,
    });
  }
  // Clusters whose namespaces are managed elsewhere refuse this; then the lock on the home alone has to do.
  await client.workflowService
    .updateNamespace({ namespace, updateInfo: { data: { [key]: homeId } } })
    .catch(() => {});
};

const key = 'gastownHome';
