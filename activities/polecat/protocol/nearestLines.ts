/** Most comparisons of two lines: beyond, a miss is reported without the place that comes nearest. */
const mostPairs = 200_000;
const margin = 2;
const longestShown = 40;

/**
 * The part of a file that comes nearest to lines that are not in it, numbered from 1: what a model needs to correct
 * its SEARCH text. Undefined when nothing is alike.
 */
export const nearestLines = (file: readonly string[], search: readonly string[]): string | undefined => {
  const wanted = search.filter((line) => line.trim() !== '').slice(0, 30);
  if (wanted.length === 0 || file.length * wanted.length > mostPairs) return;
  const words = file.map(wordsOf);
  // Alike lines vote for the place where the SEARCH text would begin; gaps of a line or two keep their votes together.
  const votes = new Map<number, number>();
  for (const [index, line] of wanted.entries()) {
    const ours = wordsOf(line);
    for (const [at, theirs] of words.entries()) {
      const score = file[at]?.trim() === line.trim() ? 1 : likeness(ours, theirs);
      if (score >= 0.5) votes.set(at - index, (votes.get(at - index) ?? 0) + score);
    }
  }
  let best: number | undefined;
  let most = 0;
  for (const [start, score] of votes) {
    const near = score + 0.5 * ((votes.get(start - 1) ?? 0) + (votes.get(start + 1) ?? 0));
    if (near > most) {
      best = start;
      most = near;
    }
  }
  if (best === undefined) return;
  const from = Math.max(0, best - margin);
  return numbered(file, from, Math.min(file.length, best + search.length + margin, from + longestShown));
};

const numbered = (file: readonly string[], from: number, to: number): string => {
  const width = String(to).length;
  return file
    .slice(from, to)
    .map((line, index) => `${String(from + index + 1).padStart(width)}| ${line.slice(0, 300)}`)
    .join('\n');
};

const wordsOf = (line: string): Set<string> => new Set(line.slice(0, 500).match(/\w+|[^\s\w]/g) ?? []);

/** Dice's coefficient of two sets of words, 0 to 1. */
const likeness = (a: ReadonlySet<string>, b: ReadonlySet<string>): number => {
  if (a.size === 0 || b.size === 0) return 0;
  let shared = 0;
  for (const word of a) if (b.has(word)) shared++;
  return (2 * shared) / (a.size + b.size);
};
