/** The known name that somebody who wrote `name` most likely meant; undefined when none is close. */
export const nearest = (name: string, candidates: Iterable<string>): string | undefined => {
  const wanted = name.toLowerCase().slice(0, longest);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const known = candidate.toLowerCase().slice(0, longest);
    const begins =
      wanted.length > 2 && known.length > 2 && (known.startsWith(wanted) || wanted.startsWith(known));
    const distance = begins && known !== wanted ? 1 : editDistance(wanted, known, least);
    if (distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best;
};

/** Names longer than this are compared by their beginnings: the distance costs the product of both lengths. */
const longest = 60;

/** Optimal string alignment (insert, delete, replace, swap of neighbours); gives up at `limit`. */
const editDistance = (a: string, b: string, limit: number): number => {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(previous, j) + 1,
        at(row, j - 1) + 1,
        at(previous, j - 1) + (same ? 0 : 1),
        swapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = previous;
    previous = row;
  }
  return at(previous, b.length);
};

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;
