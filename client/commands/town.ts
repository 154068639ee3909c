import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { Answer } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import type { Place } from '../places.ts';
import { bytes } from '../render/amounts.ts';
import { folded, terminalOf } from '../render/terminal.ts';
import { assertTownHome } from '../townHome.ts';
import { ClientError } from '../trouble.ts';

interface Options {
  readonly yes?: boolean;
}

export const addTown = (program: Command): void => {
  const town = program
    .command('town')
    .summary('the installation itself')
    .description('The town as a whole.')
    .addHelpText('after', '\nExample:\n  gt town remove');
  town
    .command('remove')
    .summary('delete a closed town and all that it remembers')
    .description(
      'Deletes the folder of a closed town: its copies of repositories, worktrees, branches that have not landed, ' +
        'transcripts, histories. Your own repositories and gastown.yaml are not touched.',
    )
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExamples:\n  gt town remove\n  gt town remove --home ~/.local/state/gastown/old --yes',
    )
    .action(answering(remove));
};

const remove = async (call: Call<Options>): Promise<Answer> => {
  const place = await call.place();
  const { home } = place;
  // Somebody may have mistyped --home.
  await assertTownHome(place, call.options);
  const [{ bytesOf }, { lockTown }, { removeHome }] = await Promise.all([
    import('../../deploy/disk/use.ts'),
    import('../../deploy/town/lock.ts'),
    import('../../deploy/disk/removeHome.ts'),
  ]);
  // Held until all is gone, so that nobody opens what is being deleted. Throws when the town is open.
  const lock = await lockTown(home, {
    what: 'The town is open, so nothing was deleted.',
    next: 'Close it first with `gt down`, then run this command again.',
  });
  try {
    const total = (await bytesOf(home)) ?? 0;
    if (call.options.yes !== true) await ask(nameOf(place), home, total);
    await removeHome(home, () => lock.release());
    return {
      data: { removed: home, bytes: total, namespace: namespaceOf(place) ?? null },
      lines: () => [
        `Removed ${home} (${bytes(total)}).`,
        ...(elsewhere(place)
          ? [
              `Its histories are on a server of yours. To delete them: temporal operator namespace delete -n ${namespaceOf(place)}`,
            ]
          : []),
      ],
    };
  } finally {
    lock.release();
  }
};

const ask = async (name: string, home: string, total: number): Promise<void> => {
  if (!process.stdin.isTTY) {
    throw new ClientError(exitCode.badInput, {
      type: 'NotConfirmed',
      what: 'Nothing was deleted: this asks first, and there is no terminal to ask on.',
      evidence: `${home}, ${bytes(total)}`,
      next: 'Run it in a terminal, or add --yes.',
    });
  }
  using lines = closing(createInterface({ input: process.stdin, output: process.stderr }));
  const answer = await lines.question(
    folded(
      [
        `This deletes ${home} (${bytes(total)}) with all branches that have not landed, transcripts and histories.`,
        `Type the name of the town (${name}) to go on: `,
      ],
      terminalOf(process.stderr).width,
    ).join('\n'),
  );
  if (answer.trim() === name) return;
  throw new ClientError(exitCode.refused, {
    type: 'NotConfirmed',
    what: 'Nothing was deleted: that was not the name of the town.',
    evidence: home,
    next: `Run it again and type ${name}, or add --yes.`,
  });
};

const closing = <T extends { close(): void }>(one: T): T & Disposable =>
  Object.assign(one, { [Symbol.dispose]: () => one.close() });

const nameOf = ({ config, record }: Place): string => config?.name ?? record?.name ?? 'town';
const namespaceOf = ({ config, record }: Place): string | undefined =>
  record?.namespace ?? config?.temporal.namespace;
const elsewhere = ({ config }: Place): boolean => config?.temporal.address !== undefined;
