/** Model calls that a test keeps waiting, by the bead that they are for. A scripted reply awaits `answer` before it is given. */
export interface HeldCalls {
  /** Resolves when the bead's calls may be answered; at once when nobody holds them. */
  answer(bead: string): Promise<void>;
  /** From now on the bead's calls wait. Returns what lets them go. */
  hold(bead: string): () => void;
  releaseAll(): void;
}

export const createHeldCalls = (): HeldCalls => {
  const held = new Map<string, PromiseWithResolvers<void>>();
  return {
    answer: async (bead) => held.get(bead)?.promise,
    hold(bead) {
      const gate = Promise.withResolvers<void>();
      held.set(bead, gate);
      return () => {
        held.delete(bead);
        gate.resolve();
      };
    },
    releaseAll() {
      for (const { resolve } of held.values()) resolve();
    },
  };
};
