/**
 * Binary heaps in parts of typed arrays, the smallest key first and, of equal ones, the smallest item: the order of events and of
 * queues must not depend on how they came in.
 */

const before = (key: Float64Array, a: number, b: number, sign: number): boolean => {
  const difference = ((key[a] as number) - (key[b] as number)) * sign;
  return difference < 0 || (difference === 0 && a < b);
};

/** Puts an item into a heap of `size` at `start`. `sign` -1: the largest key first. */
export const pushHeap = (
  heap: Int32Array,
  start: number,
  size: number,
  item: number,
  key: Float64Array,
  sign: 1 | -1,
): void => {
  let at = size;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const other = heap[start + parent] as number;
    if (!before(key, item, other, sign)) break;
    heap[start + at] = other;
    at = parent;
  }
  heap[start + at] = item;
};

/** Takes the first item out of a heap of `size` at `start`; it has one less then. */
export const popHeap = (
  heap: Int32Array,
  start: number,
  size: number,
  key: Float64Array,
  sign: 1 | -1,
): number => {
  const first = heap[start] as number;
  const last = heap[start + size - 1] as number;
  const rest = size - 1;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= rest) break;
    const right = child + 1;
    if (right < rest && before(key, heap[start + right] as number, heap[start + child] as number, sign)) {
      child = right;
    }
    const other = heap[start + child] as number;
    if (!before(key, other, last, sign)) break;
    heap[start + at] = other;
    at = child;
  }
  heap[start + at] = last;
  return first;
};
