import { addUsage, noUsage, type Usage } from '../../workflows/domain/host/model.ts';
import type { ChatReply } from './chat.ts';
import type { Slots } from './slots.ts';

/** Further replies to one prompt, made beside the first on slots that nobody else wants. */
export interface Spares {
  /** What they have cost so far (G7). */
  usage(): Usage;
  /** Those that are there in so many ms; the others are ended. */
  within(ms: number): Promise<readonly ChatReply[]>;
  /** Ends them all, and waits for their ends. */
  stop(): Promise<void>;
}

/**
 * Asks up to `most` times more, each on an idle slot of this very host: same model, same prefix, so that the host's cache serves
 * them. A slot that somebody else waits for is given back in the middle of a reply. One that fails is only missing.
 */
export const startSpares = (
  most: number,
  slots: Slots,
  signal: AbortSignal,
  ask: (call: {
    readonly signal: AbortSignal;
    readonly onUsage: (usage: Usage) => void;
    readonly slot: number;
  }) => Promise<ChatReply>,
): Spares => {
  const over = new AbortController();
  const spent: Usage[] = [];
  const replies: ChatReply[] = [];
  const running: Promise<void>[] = [];
  for (let index = 0; index < most; index++) {
    const loan = slots.borrow();
    if (loan === undefined) break;
    running.push(
      ask({
        signal: AbortSignal.any([signal, loan.wanted, over.signal]),
        onUsage: (usage) => {
          spent[index] = usage;
        },
        slot: loan.leave.slot,
      })
        .then(
          (reply) => void replies.push(reply),
          () => undefined,
        )
        .finally(loan.leave),
    );
  }
  const all = Promise.all(running).then(() => undefined);
  const stop = (): Promise<void> => {
    over.abort(new Error('the other reply is enough'));
    return all;
  };
  return {
    usage: () => spent.filter((usage) => usage !== undefined).reduce(addUsage, noUsage),
    stop,
    async within(ms) {
      const late = AbortSignal.timeout(Math.ceil(ms));
      const ended = new Promise<void>((resolve) => {
        late.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.race([all, ended]);
      await stop();
      return replies;
    },
  };
};
