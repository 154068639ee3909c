import { duration } from '../../workflows/domain/amounts.ts';

export { amount, counted, duration, short } from '../../workflows/domain/amounts.ts';

/** `40 ms`, `350 ms`, and from a second on as `duration` says it. Input in ms. */
export const moment = (ms: number): string => (ms < 950 ? `${Math.round(ms)} ms` : duration(ms));

/** `512 B`, `12.3 MiB`, `1.5 GiB`. */
export const bytes = (count: number): string => {
  const power = Math.min(4, Math.floor(Math.log2(Math.max(1, count)) / 10));
  const scaled = count / 2 ** (10 * power);
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`;
};
