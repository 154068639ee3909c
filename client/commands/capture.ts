import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Answer } from '../answer.ts';
import { mustExist } from '../beadsOnDisk.ts';
import { answering, type Call } from '../call.ts';
import { callTexts } from '../callTexts.ts';
import { captureBead, saveCapture } from '../captureBead.ts';
import { exitCode } from '../exitCodes.ts';
import { clientIfOpen } from '../ifOpen.ts';
import { capturePage } from '../render/capturePage.ts';
import { readTarget } from '../targets.ts';
import { ClientError } from '../trouble.ts';

export const addCapture = (program: Command): void => {
  program
    .command('capture')
    .argument('<bead>', 'CONVOY/EPIC/BEAD')
    .summary('a bead at this moment: its conversation and its worktree')
    .description(
      'Shows a bead (task) as it is at this moment: its state, the last prompt and reply of its polecat (worker agent), ' +
        'and what is in its worktree. With --out everything goes into a folder: each prompt and reply, and the change as a ' +
        'patch. It disturbs nothing, and works while the town is closed.',
    )
    .option('-o, --out <folder>', 'write it all into this folder, which must not be there yet')
    .addHelpText(
      'after',
      '\nExamples:\n  gt capture demo/core/parser\n  gt capture demo/core/parser --out ./parser-stuck',
    )
    .action(answering(capture));
};

const capture = async (call: Call<{ readonly out?: string }>, name: string): Promise<Answer> => {
  const target = readTarget(name, ['bead']);
  const { home } = await call.place();
  const client = await clientIfOpen(call);
  const found = await captureBead(home, client, target);
  if (found.status === undefined && found.calls.length === 0 && found.work === undefined)
    await mustExist(home, client, target);
  const { out } = call.options;
  const folder = out === undefined ? undefined : resolve(out);
  if (folder !== undefined)
    await saveCapture(home, found, folder).catch((error: NodeJS.ErrnoException) => {
      throw notWritten(folder, error);
    });
  const texts = await callTexts(home, found.calls.slice(-1));
  return {
    data: found,
    meta: { home, ...(folder === undefined ? {} : { folder }) },
    asIs: folder === undefined,
    lines: (terminal) =>
      folder === undefined
        ? capturePage(found, texts, terminal)
        : [`Wrote ${found.bead} as it is now into ${folder}`],
  };
};

const notWritten = (folder: string, error: NodeJS.ErrnoException): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'CannotWrite',
    what: `The folder ${folder} could not be made and filled.`,
    evidence: error.message,
    next: 'Name a folder that is not there yet, in one that you may write to.',
  });
