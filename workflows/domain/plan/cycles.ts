/** An edge: the index of a node and of the entry in its needs. */
export interface Edge {
  readonly node: number;
  readonly need: number;
}

interface Step extends Edge {
  readonly to: number;
}

/** A cycle as its edges in order: each leads to the node of the next, the last back to the node of the first. */
export type Cycle = readonly Edge[];

/**
 * One cycle of every knot: the shortest through the knot's first node. A node that needs itself is not reported.
 * `targets[node][need]` is the index of the needed node, or undefined when nobody has that name.
 */
export const findCycles = (targets: readonly (readonly (number | undefined)[])[]): Cycle[] => {
  const steps = targets.map((needs, node) =>
    needs.flatMap((to, need): Step[] => (to === undefined || to === node ? [] : [{ node, need, to }])),
  );
  return knots(steps)
    .filter((knot) => knot.length > 1)
    .map((knot) => Math.min(...knot))
    .toSorted((a, b) => a - b)
    .map((start) => shortestWayBack(steps, start));
};

/** Strongly connected components (Tarjan 1972). Recursion is as deep as the graph has nodes, which `maxNodes` bounds. */
const knots = (steps: readonly (readonly Step[])[]): number[][] => {
  const found: number[][] = [];
  const order = new Map<number, number>();
  const stack: number[] = [];
  const onStack = new Set<number>();

  const visit = (node: number): number => {
    const number = order.size;
    let lowest = number;
    order.set(node, number);
    stack.push(node);
    onStack.add(node);
    for (const { to } of steps[node] ?? []) {
      const seen = order.get(to);
      if (seen === undefined) lowest = Math.min(lowest, visit(to));
      else if (onStack.has(to)) lowest = Math.min(lowest, seen);
    }
    if (lowest === number) {
      const knot = stack.splice(stack.lastIndexOf(node));
      for (const member of knot) onStack.delete(member);
      found.push(knot);
    }
    return lowest;
  };

  steps.forEach((_, node) => {
    if (!order.has(node)) visit(node);
  });
  return found;
};

const shortestWayBack = (steps: readonly (readonly Step[])[], start: number): Cycle => {
  const cameBy = new Map<number, Step>();
  const queue = [start];
  for (let next = 0; next < queue.length && !cameBy.has(start); next++) {
    for (const step of steps[queue[next] as number] ?? []) {
      if (cameBy.has(step.to)) continue;
      cameBy.set(step.to, step);
      queue.push(step.to);
    }
  }
  const path: Edge[] = [];
  for (let step = cameBy.get(start); step !== undefined; ) {
    path.unshift({ node: step.node, need: step.need });
    step = step.node === start ? undefined : cameBy.get(step.node);
  }
  return path;
};
