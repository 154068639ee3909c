import { InputRejected } from '../../deploy/input/rejected.ts';
import type { Failure } from '../../workflows/domain/failure.ts';

/** A command line that cannot be followed: what is wrong, what there is, and what to write. */
export class BadInput extends Error {
  override readonly name = 'BadInput';
  constructor({ what, evidence, next }: Pick<Failure, 'what' | 'evidence' | 'next'>) {
    super(`${what}\n  ${evidence}\n  ${next}`);
  }
}

/** What was read; what somebody typed or wrote in a file wrongly ends the process with 2 and no stack. */
export const orRefuse = async <T>(read: () => T | Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof BadInput || error instanceof InputRejected)) throw error;
    console.error(error.message);
    process.exit(2);
  }
};
