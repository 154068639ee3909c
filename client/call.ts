import type { Command } from 'commander';
import { type Answer, printAnswer } from './answer.ts';
import { findTown, type Place, type Where } from './places.ts';
import { type Reached, reachTown } from './reach.ts';

/** One run of a command: its options, and the town that it is about, looked up when asked for. */
export interface Call<Options> {
  readonly options: Options & GlobalOptions;
  place(): Promise<Place>;
  /** The open town; the connection is closed when the command ends. */
  town(): Promise<Reached>;
}

export interface GlobalOptions extends Where {
  readonly json?: boolean;
}

/** Makes a commander action of a function that gives an answer. */
export const answering =
  <Options, Arguments extends unknown[]>(run: (call: Call<Options>, ...args: Arguments) => Promise<Answer>) =>
  async (...all: unknown[]): Promise<void> => {
    const command = all.at(-1) as Command;
    const options = command.optsWithGlobals<Options & GlobalOptions>();
    await using opened = new AsyncDisposableStack();
    const place = (): Promise<Place> => findTown(options);
    const town = async (): Promise<Reached> => opened.use(await reachTown(await place()));
    const answer = await run({ options, place, town }, ...(all.slice(0, -2) as Arguments));
    printAnswer(answer, options.json === true);
    process.exitCode = answer.code ?? 0;
  };
