import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from '@temporalio/common';

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);

export const stateAttribute = keyword('GtState');
const convoyAttribute = keyword('GtConvoy');
const epicAttribute = keyword('GtEpic');
const beadAttribute = keyword('GtBead');
const rigAttribute = keyword('GtRig');
const roleAttribute = keyword('GtRole');

interface Described {
  readonly role: 'convoy' | 'epic' | 'bead';
  readonly convoy: string;
  readonly epic?: string;
  readonly bead?: string;
  readonly rig?: string;
  readonly state: string;
}

/** The search attributes that a workflow of the town starts with; none where the server has not registered them. */
export const describedBy = (registered: boolean, of: Described): SearchAttributePair[] => {
  if (!registered) return [];
  const pairs: [ReturnType<typeof keyword>, string | undefined][] = [
    [roleAttribute, of.role],
    [convoyAttribute, of.convoy],
    [epicAttribute, of.epic],
    [beadAttribute, of.bead],
    [rigAttribute, of.rig],
    [stateAttribute, of.state],
  ];
  return pairs.flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]));
};
