import { execa } from 'execa';
import type { BeadLine, ConvoyStatus } from '../../workflows/domain/report.ts';
import { plain, plainLines } from '../../workflows/domain/text.ts';
import { amount, counted, duration } from '../render/amounts.ts';
import type { Prepared } from './prepared.ts';

interface Ended {
  readonly prepared: Prepared;
  readonly status: ConvoyStatus;
}

/** The end of `npm start`: the commits that landed, what each bead cost, and what to try next. */
export const printSummary = async ({ prepared, status }: Ended): Promise<void> => {
  const beads = status.epics.flatMap((epic) => epic.beads);
  // A convoy that could not begin has said why, and there is nothing to sum up.
  if (beads.length === 0) return;
  const rig = status.rigs[0];
  const target = rig?.target ?? 'main';
  say(
    '',
    `On ${target} (each merge is a group that was tested as a whole; the commits below it are its beads):`,
    '',
  );
  say(...(await commits(prepared.repository, target)).map((line) => `  ${line}`));
  say('', 'What each bead (task) cost:', '', ...beads.map(costLine));
  const turns = beads.reduce((sum, bead) => sum + bead.turns, 0);
  const tokens = beads.reduce((sum, bead) => sum + bead.tokens, 0);
  say('', `  in all: ${counted(beads.length, 'bead')}, ${counted(turns, 'turn')}, ${amount(tokens)} tokens`);
  if (rig !== undefined) say('', `Gates ran in: ${plain(rig.sandbox)}`);
  if (rig?.takeOver !== undefined) say('', `Take the work over with: ${rig.takeOver}`);
  say('', 'To try next:', ...prepared.next.map((line) => `  ${line}`));
};

const commits = async (repository: string, target: string): Promise<string[]> => {
  const log = await execa('git', ['-C', repository, 'log', '--graph', '--format=%h %s', '-40', target], {
    reject: false,
  });
  return plainLines(log.stdout).split('\n');
};

const costLine = (bead: BeadLine): string =>
  [
    `  ${bead.bead.padEnd(14)}`,
    bead.state.padEnd(9),
    counted(bead.turns, 'turn').padStart(8),
    `${amount(bead.tokens).padStart(7)} tokens`,
    duration(bead.ms).padStart(8),
    `  ${bead.polecat}`,
  ].join(' ');

const say = (...lines: readonly string[]): void => {
  for (const line of lines) console.log(line);
};
