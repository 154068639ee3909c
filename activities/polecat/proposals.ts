import type { Proposal } from '../../workflows/domain/bead/proposal.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { ProposedBead } from './protocol/edit.ts';

/** Keeps the texts of proposals as blobs, and names each by what it says. */
export const storeProposals = async (
  proposed: readonly ProposedBead[] | undefined,
  blobs: Blobs,
): Promise<readonly Proposal[]> => {
  const stored: Proposal[] = [];
  for (const { title, task, files } of proposed ?? []) {
    const taskRef = await blobs.put(task);
    stored.push({ id: idOf(title, taskRef), title, taskRef, files });
  }
  return stored;
};

const idOf = (title: string, taskRef: string): string => {
  const words = title
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+/g, '')
    .slice(0, 32)
    .replaceAll(/-+$/g, '');
  return `${words === '' ? 'proposal' : words}-${taskRef.slice(0, 5)}`;
};
