import type { Command } from 'commander';
import { looking } from '../call.ts';
import { addBeadDiff } from './beadDiff.ts';
import { addBeadLog } from './beadLog.ts';
import { addBeadReport } from './beadReport.ts';

export const addBead = (program: Command): void => {
  const bead = program
    .command('bead')
    .summary('look at one bead')
    .description(
      'A bead is one task: small enough for one polecat (worker agent), one branch and one landing.',
    )
    .addHelpText('after', '\nExamples:\n  gt bead show demo/core/parser\n  gt bead diff demo/core/parser');
  bead
    .command('show')
    .argument('<bead>', 'CONVOY/EPIC/BEAD')
    .summary('all that the town knows of a bead')
    .description(
      'Shows state, cost and caps of a bead, and what it waits for or why it is blocked (then exits with 1).',
    )
    .addHelpText('after', '\nExample:\n  gt bead show demo/core/parser')
    .action(looking('bead show'));
  addBeadLog(bead);
  addBeadDiff(bead);
  addBeadReport(bead);
};
