/** Model calls that a test keeps waiting, by the bead that they are for. A scripted reply awaits `answer` before it is given. */
export interface HeldCalls {
  /** Resolves when the bead's calls may be answered; at once when nobody holds them. */
  answer(bead: string): Promise<void>;
  /** From now on the calls of these beads wait. Returns what lets them go. */
  hold(...beads: readonly string[]): () => void;
  releaseAll(): void;
}

export const createHeldCalls = (): HeldCalls => {
  const held = new Map<string, PromiseWithResolvers<void>>();
  return {
    answer: async (bead) => held.get(bead)?.promise,
    hold(...beads) {
      const gate = Promise.withResolvers<void>();
      for (const bead of beads) held.set(bead, gate);
      return () => {
        for (const bead of beads) held.delete(bead);
        gate.resolve();
      };
    },
    releaseAll() {
      for (const { resolve } of held.values()) resolve();
    },
  };
};
