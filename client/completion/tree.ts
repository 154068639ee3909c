import type { Command } from 'commander';
import type { NameKind } from './names.ts';

/** What may follow at one place of the command line. */
export interface Branch {
  /** The words that lead here, such as `gt convoy launch`. */
  readonly path: string;
  /** Commands, and words that an argument may be. */
  readonly words: readonly Word[];
  /** What the first argument names; undefined for anything else. */
  readonly names: NameKind | undefined;
  readonly options: readonly Flag[];
}

export interface Word {
  readonly name: string;
  /** One line. */
  readonly says: string;
}

export interface Flag extends Word {
  /** Another spelling, such as `-w`. */
  readonly short: string | undefined;
  /** Whether a value follows. */
  readonly takes: boolean;
  /** What that value names. */
  readonly names: NameKind | undefined;
  /** What that value may be, where that is one of a few words. */
  readonly choices: readonly string[];
}

/** Every place of a command line, the program's own first. Options of the program may stand behind each command. */
export const branchesOf = (program: Command): readonly Branch[] => {
  const common = flagsOf(program);
  const walk = (command: Command, path: string): readonly Branch[] => [
    {
      path,
      words: wordsOf(command),
      names: namesOf(command),
      options: command === program ? common : [...flagsOf(command), ...common],
    },
    ...command.commands.flatMap((child) => walk(child, `${path} ${child.name()}`)),
  ];
  return walk(program, program.name());
};

const wordsOf = (command: Command): readonly Word[] => [
  ...command.commands.map((child) => ({
    name: child.name(),
    says: oneLineOf(child.summary() || child.description()),
  })),
  ...command.registeredArguments.flatMap(({ argChoices, description }) =>
    (argChoices ?? []).map((name) => ({ name, says: oneLineOf(description) })),
  ),
];

const namesOf = (command: Command): NameKind | undefined => {
  const [argument] = command.registeredArguments;
  const group = command.parent?.name();
  switch (argument?.name()) {
    case 'bead':
      return 'beads';
    case 'host':
      return 'hosts';
    case 'epic':
      return 'epics';
    case 'rig':
      return 'rigs';
    case 'to':
      return 'addressees';
    case 'convoy':
      return group === 'plan' ? 'plans' : 'convoys';
    case 'target':
      return argument.description.includes('BEAD') ? 'targets' : 'groups';
    case 'name':
      // What is being added has no name yet.
      if (command.name() === 'add') return;
      return group === 'rig' ? 'rigs' : group === 'host' ? 'hosts' : undefined;
    default:
      return;
  }
};

const flagsOf = (command: Command): readonly Flag[] =>
  command.options
    .filter(({ long, hidden }) => long !== undefined && !hidden)
    .map(({ long, short, description, required, optional, argChoices }) => ({
      name: long ?? '',
      short,
      says: oneLineOf(description),
      takes: required || optional,
      names: ['--rig', '--crew'].includes(long ?? '') ? ('rigs' as const) : undefined,
      choices: argChoices ?? [],
    }));

const oneLineOf = (text: string): string => text.split('\n')[0] ?? '';
