import { type Failure, failureText } from '../../workflows/domain/failure.ts';

/** G10 for what goes wrong outside of workflows: the same three parts, with a type of its own. */
export interface Trouble extends Omit<Failure, 'type'> {
  readonly type: string;
}

/** An error that a person can act on. Its message is the three parts as lines. */
export class TownError extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble, options?: ErrorOptions) {
    super(troubleText(trouble), options);
    this.name = trouble.type;
    this.trouble = trouble;
  }
}

/** What happened, the evidence, what to do next, as lines. */
export const troubleText = (trouble: Trouble): string => failureText({ ...trouble, type: 'WrongHome' });
