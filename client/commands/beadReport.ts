import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { plainLines } from '../../workflows/domain/text.ts';
import type { Answer } from '../answer.ts';
import { mustExist } from '../beadsOnDisk.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { clientIfOpen } from '../ifOpen.ts';
import { readTarget } from '../targets.ts';
import { ClientError } from '../trouble.ts';

export const addBeadReport = (bead: Command): void => {
  bead
    .command('report')
    .argument('<bead>', 'CONVOY/EPIC/BEAD')
    .summary('what a bead has found out')
    .description(
      'Prints the report of a bead whose plan says `output: report`, as Markdown. A model wrote it: its form was checked, ' +
        'not its truth. Works while the town is closed.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  gt bead report demo/core/study\n  gt bead report demo/core/study > study.md',
    )
    .action(answering(report));
};

const report = async (call: Call<object>, name: string): Promise<Answer> => {
  const target = readTarget(name, ['bead']);
  const { home } = await call.place();
  const path = join(home, 'transcripts', `${target.name}.report.md`);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) {
    await mustExist(home, await clientIfOpen(call), target);
    throw new ClientError(exitCode.failed, {
      type: 'NoReport',
      what: `There is no report of ${target.name}.`,
      evidence: 'it is not written yet, or its plan does not say `output: report`',
      next: `See how it stands with \`gt bead show ${target.name}\`.`,
    });
  }
  const shown = plainLines(text).trimEnd();
  return {
    data: { bead: target.name, report: shown },
    meta: { path },
    asIs: true,
    lines: () => shown.split('\n'),
  };
};
