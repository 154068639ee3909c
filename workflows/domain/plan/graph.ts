import { isSlug, slugForm } from '../naming.ts';
import { nearest } from '../nearest.ts';
import { type Edge, findCycles } from './cycles.ts';

/** A bead of an epic, or an epic of a convoy, as a node of a DAG: an edge runs to everything that it needs. */
export interface GraphNode {
  readonly id: string;
  readonly needs: readonly string[];
}

/** Most nodes of one graph: the children of one workflow fit one history. */
export const maxNodes = 400;

/**
 * What is wrong with a graph. `node` is the index of the offending node and `need` the index in its needs, so that a
 * reader of a file can point at the place.
 */
export type GraphFault =
  | { readonly kind: 'tooMany'; readonly count: number; readonly most: number }
  | { readonly kind: 'unfitId'; readonly id: string; readonly node: number }
  | { readonly kind: 'duplicate'; readonly id: string; readonly node: number; readonly first: number }
  | {
      readonly kind: 'duplicateIgnoringCase';
      readonly id: string;
      readonly other: string;
      readonly node: number;
      readonly first: number;
    }
  | { readonly kind: 'selfNeed'; readonly id: string; readonly node: number; readonly need: number }
  | {
      readonly kind: 'unknownNeed';
      readonly id: string;
      readonly needs: string;
      readonly nearest: string | undefined;
      readonly node: number;
      readonly need: number;
    }
  /** `ids` in order, the first one again at the end: each needs the one after it. */
  | {
      readonly kind: 'cycle';
      readonly ids: readonly string[];
      readonly edges: readonly Edge[];
    };

/** Everything that is wrong with a graph, in the order of its nodes, cycles last. Empty means it is a DAG with good names. */
export const checkGraph = (nodes: readonly GraphNode[]): GraphFault[] => {
  if (nodes.length > maxNodes) return [{ kind: 'tooMany', count: nodes.length, most: maxNodes }];
  const firstById = new Map<string, number>();
  const firstByFoldedId = new Map<string, number>();
  const faults: GraphFault[] = [];

  nodes.forEach(({ id }, node) => {
    if (!isSlug(id)) faults.push({ kind: 'unfitId', id, node });
    const same = firstById.get(id);
    const folded = firstByFoldedId.get(id.toLowerCase());
    if (same !== undefined) faults.push({ kind: 'duplicate', id, node, first: same });
    else if (folded !== undefined) {
      const other = nodes[folded]?.id ?? '';
      faults.push({ kind: 'duplicateIgnoringCase', id, other, node, first: folded });
    }
    if (same === undefined) firstById.set(id, node);
    if (folded === undefined) firstByFoldedId.set(id.toLowerCase(), node);
  });

  nodes.forEach(({ id, needs }, node) => {
    needs.forEach((needed, need) => {
      if (needed === id) faults.push({ kind: 'selfNeed', id, node, need });
      else if (!firstById.has(needed)) {
        const others = [...firstById.keys()].filter((known) => known !== id);
        faults.push({ kind: 'unknownNeed', id, needs: needed, nearest: nearest(needed, others), node, need });
      }
    });
  });

  const targets = nodes.map(({ needs }) => needs.map((needed) => firstById.get(needed)));
  for (const edges of findCycles(targets)) {
    const ids = [...edges, ...edges.slice(0, 1)].map(({ node }) => nodes[node]?.id ?? '');
    faults.push({ kind: 'cycle', ids, edges });
  }
  return faults;
};

/** One fault as one line for people. */
export const graphFaultText = (fault: GraphFault): string => {
  switch (fault.kind) {
    case 'tooMany':
      return `${fault.count} are more than ${fault.most}; split them into epics that need epics`;
    case 'unfitId':
      return `"${fault.id}" is not a usable id: ${slugForm}`;
    case 'duplicate':
      return `the id "${fault.id}" is used twice`;
    case 'duplicateIgnoringCase':
      return `the ids "${fault.other}" and "${fault.id}" differ only in case`;
    case 'selfNeed':
      return `"${fault.id}" needs itself`;
    case 'unknownNeed': {
      const hint = fault.nearest === undefined ? '' : `; did you mean "${fault.nearest}"?`;
      return `"${fault.id}" needs "${fault.needs}", which does not exist${hint}`;
    }
    case 'cycle':
      return `a cycle: ${fault.ids.join(' → ')} (each needs the next)`;
  }
};

/** Depth of every node: 0 needs nothing, others one more than the deepest they need. Nodes on or behind a cycle are left out. */
export const waveOf = (nodes: readonly GraphNode[]): Map<string, number> => {
  const depth = new Map<string, number>();
  for (const { id, needs } of topological(nodes)) {
    depth.set(id, Math.max(0, ...needs.map((need) => (depth.get(need) ?? -1) + 1)));
  }
  return depth;
};

/** The same as a list of waves, each in the order of the nodes. */
export const waves = (nodes: readonly GraphNode[]): string[][] => {
  const depth = waveOf(nodes);
  const lists: string[][] = [];
  for (const { id } of nodes) {
    const wave = depth.get(id);
    if (wave === undefined) continue;
    while (lists.length <= wave) lists.push([]);
    lists[wave]?.push(id);
  }
  return lists;
};

export interface Progress {
  readonly nodes: readonly GraphNode[];
  /** G1: only these count as done for those who need them. */
  readonly landed: ReadonlySet<string>;
  /** Started and not to be started again; may include landed ones. */
  readonly started: ReadonlySet<string>;
  /** `waves`: nothing of a wave starts before all of the earlier ones are settled. */
  readonly pacing?: 'ready' | 'waves';
  /** Ended in any way, landed ones need not be repeated. Only used by `waves`. */
  readonly settled?: ReadonlySet<string>;
}

/** What may start now, the longest chain behind it first, equals in the order of the nodes. */
export const readySet = ({ nodes, landed, started, pacing, settled }: Progress): string[] => {
  const ready = nodes.filter(
    ({ id, needs }) => !landed.has(id) && !started.has(id) && needs.every((need) => landed.has(need)),
  );
  if (ready.length === 0) return [];
  const rank = upwardRank(nodes);
  const depth = pacing === 'waves' ? waveOf(nodes) : undefined;
  const isOpen = ({ id }: GraphNode): boolean => !landed.has(id) && !settled?.has(id);
  const barrier = Math.min(...nodes.filter(isOpen).map(({ id }) => depth?.get(id) ?? 0));
  return ready
    .filter(({ id }) => depth === undefined || depth.get(id) === barrier)
    .map(({ id }) => id)
    .toSorted((a, b) => (rank.get(b) ?? 0) - (rank.get(a) ?? 0));
};

/** Every node that needs one of `ids`, directly or through others, in the order of the nodes: these are held when it fails. */
export const dependentsOf = (nodes: readonly GraphNode[], ids: Iterable<string>): string[] => {
  const users = usersOf(nodes);
  const found = new Set<string>();
  const queue = [...ids];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const user of users.get(id) ?? []) {
      if (found.has(user)) continue;
      found.add(user);
      queue.push(user);
    }
  }
  return nodes.map(({ id }) => id).filter((id) => found.has(id));
};

type Weight = (id: string) => number;
const one: Weight = () => 1;

/**
 * Upward rank (HEFT; Topcuoglu, Hariri and Wu 2002): a node's weight plus the heaviest chain of nodes that wait for
 * it. Starting the highest rank first keeps the critical path moving.
 */
export const upwardRank = (nodes: readonly GraphNode[], weight: Weight = one): Map<string, number> => {
  const users = usersOf(nodes);
  const rank = new Map<string, number>();
  for (const { id } of topological(nodes).toReversed()) {
    rank.set(id, weight(id) + Math.max(0, ...(users.get(id) ?? []).map((user) => rank.get(user) ?? 0)));
  }
  return rank;
};

/** The heaviest chain from a node that needs nothing to one that nobody needs: no parallelism is faster than it. */
export const criticalPath = (
  nodes: readonly GraphNode[],
  weight: Weight = one,
): { readonly ids: readonly string[]; readonly length: number } => {
  const users = usersOf(nodes);
  const rank = upwardRank(nodes, weight);
  const heaviest = (ids: readonly string[]): string | undefined =>
    ids.reduce<string | undefined>((best, id) => {
      const value = rank.get(id);
      return value === undefined || (best !== undefined && value <= (rank.get(best) ?? 0)) ? best : id;
    }, undefined);

  const known = new Set(nodes.map(({ id }) => id));
  const starts = nodes.filter(({ needs }) => !needs.some((need) => known.has(need)));
  const first = heaviest(starts.map(({ id }) => id));
  const ids: string[] = [];
  for (let id = first; id !== undefined; id = heaviest(users.get(id) ?? [])) ids.push(id);
  return { ids, length: first === undefined ? 0 : (rank.get(first) ?? 0) };
};

/** Who needs whom, turned around. */
const usersOf = (nodes: readonly GraphNode[]): Map<string, string[]> => {
  const users = new Map<string, string[]>(nodes.map(({ id }) => [id, []]));
  for (const { id, needs } of nodes) for (const need of new Set(needs)) users.get(need)?.push(id);
  return users;
};

/** Kahn's order. Unknown needs are ignored, nodes on or behind a cycle left out. */
const topological = (nodes: readonly GraphNode[]): GraphNode[] => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const users = usersOf(nodes);
  const open = new Map(nodes.map(({ id, needs }) => [id, new Set(needs.filter((need) => byId.has(need)))]));
  const order = nodes.filter(({ id }) => open.get(id)?.size === 0);
  for (let index = 0; index < order.length; index++) {
    const { id } = order[index] as GraphNode;
    for (const user of users.get(id) ?? []) {
      const left = open.get(user);
      left?.delete(id);
      if (left?.size === 0) order.push(byId.get(user) as GraphNode);
    }
  }
  return order;
};
