import type { Command } from 'commander';
import type { TownConfig } from '../deploy/config/index.ts';
import { faultText, type InputRejected } from '../deploy/input/rejected.ts';
import { hasOwnServer } from '../deploy/town/owner.ts';
import { plain } from '../workflows/domain/text.ts';
import { type Answer, printAnswer, printAside } from './answer.ts';
import { askDesk } from './desk/askDesk.ts';
import { type LookName, looks } from './looks/index.ts';
import { configOf, findTown, glanceAtTown, type Place, type Where } from './places.ts';
import { type Reached, reachTown } from './reach.ts';
import { terminalKind } from './render/terminal.ts';
import { ClientError, isNotFound } from './trouble.ts';

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

/** Makes a commander action of a look: at the desk of the open town when that can be (see `openDesk`), else here. */
export const looking =
  (look: LookName) =>
  async (...all: unknown[]): Promise<void> => {
    const command = all.at(-1) as Command;
    const words = all.slice(0, -2).filter((one) => typeof one === 'string');
    if (await answeredAtDesk(look, words, command.optsWithGlobals<GlobalOptions>())) return;
    await answering(await looks[look]())(...all);
  };

/** Makes a commander action of a function that gives an answer. */
export const answering =
  <Options, Arguments extends unknown[]>(run: (call: Call<Options>, ...args: Arguments) => Promise<Answer>) =>
  async (...all: unknown[]): Promise<void> => {
    const command = all.at(-1) as Command;
    const options = command.optsWithGlobals<Options & GlobalOptions>();
    const args = all.slice(0, -2) as Arguments;
    await using opened = new AsyncDisposableStack();
    let found: Promise<Place> | undefined;
    const find = (): Promise<Place> => (found ??= findTown(options));
    const configured = async () => {
      const there = await find();
      return { ...there, config: configOf(there) };
    };
    const place = async (): Promise<Place> => {
      const there = await find();
      if (there.fault !== undefined) printAside(faultNote(there.fault, there.home));
      return there;
    };
    let reached: Reached | undefined;
    const reach = async (there: Place): Promise<Reached> => (reached = opened.use(await reachTown(there)));
    const town = async (): Promise<Reached> => await reach(await place());
    const glance = async (): Promise<Reached> => await reach((await ownTownAt(options)) ?? (await place()));
    const call = { options, place, configured, town, glance };
    const answer = await run(call, ...args).catch(async (error: unknown) => {
      if (reached === undefined || !isNotFound(error)) throw error;
      throw await (await import('./unknownName.ts')).withKnownNames(error, reached.client);
    });
    tell(answer, options);
  };

const tell = (answer: Answer, { json }: GlobalOptions): void => {
  printAnswer(answer, json === true);
  process.exitCode = answer.code ?? 0;
};

const answeredAtDesk = async (
  look: LookName,
  args: readonly string[],
  options: GlobalOptions,
): Promise<boolean> => {
  const seen = await glanceAtTown(options);
  if (seen === undefined) return false;
  const terminal = options.json === true ? undefined : terminalKind(process.stdout);
  const reply = await askDesk(seen.home, { look, args, options: { ...options }, terminal });
  if (reply?.kind === 'trouble') throw new ClientError(reply.code, reply.trouble);
  if (reply === undefined) return false;
  const { data, meta, lines, code } = reply;
  tell({ data, ...(meta && { meta }), lines: () => lines, code, asIs: true }, options);
  return true;
};

const faultNote = ({ faults: [first, ...others] }: InputRejected, home: string): string =>
  plain(
    `Note: ${first === undefined ? 'the configuration cannot be read.' : faultText(first)}` +
      `${others.length === 0 ? '' : ` (and ${others.length} more)`} Going on with what ${home} says of its town.`,
  );

/** Somebody's own cluster is reached as the configuration says, so that must be read. */
const ownTownAt = async (where: Where): Promise<Place | undefined> => {
  const seen = await glanceAtTown(where);
  return seen !== undefined && hasOwnServer(seen.record) ? seen : undefined;
};
