import type { Command } from 'commander';
import type { Answer } from '../answer.ts';
import { mustExist } from '../beadsOnDisk.ts';
import { changedFiles, findWork, patchOf } from '../beadWork.ts';
import { answering, type Call } from '../call.ts';
import { clientIfOpen } from '../ifOpen.ts';
import { patchLines, workLines } from '../render/diffPage.ts';
import { readTarget } from '../targets.ts';

export const addBeadDiff = (bead: Command): void => {
  bead
    .command('diff')
    .argument('<bead>', 'CONVOY/EPIC/BEAD')
    .summary('what a bead has changed')
    .description(
      'Shows what a bead has changed: as it landed, or as its branch is at this moment. Of a bead that was cancelled, ' +
        'the work that was kept. Works while the town is closed.',
    )
    .option('--stat', 'only the files, and how many lines')
    .addHelpText(
      'after',
      '\nExamples:\n  gt bead diff demo/core/parser\n  gt bead diff demo/core/parser --stat\n' +
        '  gt bead diff demo/core/parser | less',
    )
    .action(answering(diff));
};

const diff = async (call: Call<{ readonly stat?: boolean }>, name: string): Promise<Answer> => {
  const target = readTarget(name, ['bead']);
  const { home } = await call.place();
  const work = await findWork(home, target);
  if (work === undefined) {
    await mustExist(home, await clientIfOpen(call), target);
    return {
      data: null,
      meta: { home },
      lines: () => [
        `No change of ${target.name} is in git: it has made none yet, or it had nothing to change.`,
      ],
    };
  }
  const files = await changedFiles(work);
  const patch = call.options.stat ? undefined : await patchOf(work);
  return {
    data: { bead: target.name, ...work, files, ...(patch === undefined ? {} : { patch }) },
    meta: { count: files.length, home },
    asIs: true,
    lines: (terminal) => [
      ...workLines(work, files, terminal),
      ...(patch === undefined || patch === '' ? [] : ['', ...patchLines(patch, terminal)]),
    ],
  };
};
