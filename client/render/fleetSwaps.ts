import type { RememberedSwap } from '../../workflows/domain/fleet/orders.ts';
import { plain } from '../../workflows/domain/text.ts';
import { duration } from './amounts.ts';
import { cut, type Terminal, wrap } from './terminal.ts';

/** Swaps that are shown. */
const lastSwaps = 5;

/** The last swaps and why they were made, the newest first, under a heading of their own. */
export const swapLines = (
  swaps: readonly RememberedSwap[],
  terminal: Terminal,
  now: number,
): readonly string[] => {
  const fitted = (line: string): readonly string[] =>
    wrap(plain(line), terminal.width).map((part) => cut(part, terminal.width));
  return swaps.length === 0
    ? []
    : [
        '',
        terminal.paint('dim', 'last swaps'),
        ...swaps
          .slice(-lastSwaps)
          .toReversed()
          .flatMap((swap) => [
            ...fitted(`  ${duration(Math.max(0, now - swap.at))} ago  ${swapText(swap)}`),
            // Those that a fleet remembers from before have none.
            ...(swap.why === undefined ? [] : fitted(`    why: ${swap.why}`)),
          ]),
      ];
};

const swapText = ({ host, from, to, drainMs, unloadMs, loadMs, failed }: RememberedSwap): string =>
  `${host}: ${from.join(', ') || 'nothing'} → ${to.join(', ') || 'nothing'}${failed ? ', which failed' : ''} ` +
  `(drain ${duration(drainMs)}, unload ${duration(unloadMs)}, load ${duration(loadMs)})`;
