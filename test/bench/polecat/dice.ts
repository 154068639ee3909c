import { createHash } from 'node:crypto';

/** Numbers from 0 to 1 that depend on nothing but the words given: the same words, the same number, whenever it is asked. */
export const dice =
  (...words: readonly (string | number)[]) =>
  (label: string): number =>
    createHash('sha256')
      .update(JSON.stringify([...words, label]))
      .digest()
      .readUIntBE(0, 6) /
    2 ** 48;

export type Dice = ReturnType<typeof dice>;

/** One of some, by a throw. Throws when there is none. */
export const oneOf = <T>(items: readonly T[], throwOf: number): T => {
  const item = items[Math.min(items.length - 1, Math.floor(throwOf * items.length))];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
};
