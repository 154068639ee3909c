import type { Command } from 'commander';
import type { Answer } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { bytes } from '../render/amounts.ts';
import { table } from '../render/table.ts';
import { wrap } from '../render/terminal.ts';
import { assertTownHome } from '../townHome.ts';

export const addDisk = (program: Command): void => {
  program
    .command('disk')
    .summary('what the town’s folder holds, and how much')
    .description(
      'Measures the town’s folder: repositories, worktrees, caches, texts of prompts and replies, histories. ' +
        'The town need not be open.',
    )
    .addHelpText('after', '\nExamples:\n  gt disk\n  gt disk --json')
    .action(answering(disk));
};

const disk = async (call: Call<object>): Promise<Answer> => {
  const place = await call.place();
  const { home, config } = place;
  await assertTownHome(place, call.options);
  const { diskUse } = await import('../../deploy/disk/use.ts');
  const use = await diskUse(home);
  const least = config?.limits.minFreeBytes;
  return {
    data: { ...use, minFree: least ?? null },
    lines: ({ width, paint }) => [
      ...table(
        [{ title: 'size', align: 'right' }, { title: 'folder' }, { title: 'holds', gives: true }],
        use.parts.map(({ path, holds, bytes: size }) => [bytes(size), path, holds]),
        width,
      ),
      '',
      ...wrap(
        `${bytes(use.total)} in ${home}; ${bytes(use.free)} free on its disk${
          least === undefined ? '' : `, new beads wait below ${bytes(least)}`
        }.`,
        width,
      ),
      ...(least !== undefined && use.free < least
        ? [paint('red', 'The disk is full as far as the town is concerned: new beads (tasks) wait.')]
        : []),
      'Next: `gt prune --older 14d --dry-run` says what could go.',
    ],
  };
};
