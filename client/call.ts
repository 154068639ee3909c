import type { Command } from 'commander';
import type { TownConfig } from '../deploy/config/index.ts';
import { faultText, type InputRejected } from '../deploy/input/rejected.ts';
import { plain } from '../workflows/domain/text.ts';
import { type Answer, printAnswer } from './answer.ts';
import { configOf, findTown, glanceAtTown, type Place, type Where } from './places.ts';
import { type Reached, reachTown } from './reach.ts';

/** One run of a command: its options, and the town that it is about, looked up when asked for. */
export interface Call<Options> {
  readonly options: Options & GlobalOptions;
  /** Goes on without a configuration that has mistakes, where the town can be found without it, and says so. */
  place(): Promise<Place>;
  /** For commands that cannot do without the configuration: throws `InputRejected` when it has mistakes. */
  configured(): Promise<Place & { readonly config: TownConfig }>;
  /** The open town; the connection is closed when the command ends. */
  town(): Promise<Reached>;
  /** The same for commands that must be quick: without the configuration, where that can be spared. */
  glance(): Promise<Reached>;
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
    let found: Promise<Place> | undefined;
    const find = (): Promise<Place> => (found ??= findTown(options));
    const configured = async () => {
      const there = await find();
      return { ...there, config: configOf(there) };
    };
    const place = async (): Promise<Place> => {
      const there = await find();
      if (there.fault !== undefined) process.stderr.write(`${faultNote(there.fault, there.home)}\n`);
      return there;
    };
    const town = async (): Promise<Reached> => opened.use(await reachTown(await place()));
    const glance = async (): Promise<Reached> =>
      opened.use(await reachTown((await glanceAtTown(options)) ?? (await place())));
    const answer = await run(
      { options, place, configured, town, glance },
      ...(all.slice(0, -2) as Arguments),
    );
    printAnswer(answer, options.json === true);
    process.exitCode = answer.code ?? 0;
  };

const faultNote = ({ faults: [first, ...others] }: InputRejected, home: string): string =>
  plain(
    `Note: ${first === undefined ? 'the configuration cannot be read.' : faultText(first)}` +
      `${others.length === 0 ? '' : ` (and ${others.length} more)`} Going on with what ${home} says of its town.`,
  );
