/** Numbers as a person would say them. */

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. Input in ms. */
export const duration = (ms: number): string => {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return two(minutes, 'min', Math.round(seconds) % 60, 's');
  return two(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
};

const two = (many: number, unit: string, rest: number, small: string): string =>
  rest === 0 ? `${many} ${unit}` : `${many} ${unit} ${rest} ${small}`;

/** `950`, `12.3k`, `1.2M`. */
export const amount = (count: number): string => {
  if (count < 1_000) return String(count);
  if (count < 999_950) return `${(count / 1_000).toFixed(1)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
};

/** `1 bead`, `2 beads`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The first characters of a commit or blob hash, enough for git to find it. */
export const short = (hash: string): string => hash.slice(0, 10);
