import type { Client } from '@temporalio/client';
import { execa } from 'execa';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { BeadLine, BeadStatus, ConvoyStatus } from '../../workflows/domain/report/report.ts';
import { oneLine, plain, plainLines } from '../../workflows/domain/text.ts';
import { printLines } from '../answer.ts';
import { askMaybe } from '../ask.ts';
import { amount, counted, duration } from '../render/amounts.ts';
import { padded } from '../render/columns.ts';
import { table } from '../render/table.ts';
import { folded, terminalOf } from '../render/terminal.ts';
import type { Prepared } from './prepared.ts';
import { swapLines } from './swaps.ts';

interface Ended {
  readonly prepared: Prepared;
  readonly status: ConvoyStatus;
  readonly client: Client;
}

/** The end of `npm start`: the commits that landed, what each bead cost, and what to try next. */
export const printSummary = async ({ prepared, status, client }: Ended): Promise<void> => {
  const beads = status.epics.flatMap((epic) => epic.beads);
  // A convoy that could not begin has said why, and there is nothing to sum up.
  if (beads.length === 0 || status.failure !== undefined) return;
  const rig = status.rigs[0];
  const target = rig?.target ?? 'main';
  say(
    '',
    `On ${target} (each merge is a group that was tested as a whole; the commits below it are its beads):`,
    '',
  );
  say(...(await commits(prepared.repository, target)).map((line) => `  ${line}`));
  say('', 'What each bead (task) cost:', '', ...costLines(beads));
  const turns = beads.reduce((sum, bead) => sum + bead.turns, 0);
  const tokens = beads.reduce((sum, bead) => sum + bead.tokens, 0);
  say('', `  in all: ${counted(beads.length, 'bead')}, ${counted(turns, 'turn')}, ${amount(tokens)} tokens`);
  const mended = await mendedLines(client, status);
  if (mended.length > 0) say('', 'What went wrong on the way, and was mended:', '', ...mended);
  const swaps = await swapLines(client);
  if (swaps.length > 0) say('', 'Models that were swapped on the way, and why:', '', ...swaps);
  if (rig !== undefined) say('', `Gates ran in: ${plain(rig.sandbox)}`);
  if (rig?.takeOver !== undefined) {
    const has = await hasAll(prepared.repository, target);
    say(
      '',
      has ? `The branch that you have checked out has it all.` : `Take the work over with: ${rig.takeOver}`,
    );
  }
  say('', 'To try next:', ...prepared.next.map((line) => `  ${line}`));
};

/** What a landed bead was told last before it came right. */
const mendedLines = async (client: Client, { epics }: ConvoyStatus): Promise<string[]> => {
  const lines = epics.flatMap(({ convoy, epic, beads }) =>
    beads
      .filter(({ state }) => state === 'landed')
      .map(async ({ bead }) => {
        const handle = client.workflow.getHandle(workflowId.bead({ convoy, epic, bead }));
        const told = (await askMaybe<BeadStatus>(client, handle, 'beadStatus'))?.lastFeedback;
        return told === undefined ? [] : [`  ${padded(bead, 14)} ${oneLine(told, 160)}`];
      }),
  );
  return (await Promise.all(lines)).flat();
};

const commits = async (repository: string, target: string): Promise<string[]> => {
  const log = await execa('git', ['-C', repository, 'log', '--graph', '--format=%h %s', '-40', target], {
    reject: false,
  });
  return plainLines(log.stdout).split('\n');
};

/** Whether the town has brought the person's checkout along. */
const hasAll = async (repository: string, target: string): Promise<boolean> => {
  const args = ['-C', repository, 'merge-base', '--is-ancestor', target, 'HEAD'];
  return (await execa('git', args, { reject: false })).exitCode === 0;
};

const costLines = (beads: readonly BeadLine[]): readonly string[] =>
  table(
    ['', '', '', 'turns', 'tokens', 'time', ''].map((title, at) => ({
      title,
      ...(at > 2 && at < 6 ? right : {}),
    })),
    beads.map((bead) => [
      ...['', bead.bead, bead.state, String(bead.turns), amount(bead.tokens), duration(bead.ms)],
      bead.polecat,
    ]),
    terminalOf(process.stdout).width,
  );

const right = { align: 'right' } as const;

const say = (...lines: readonly string[]): void => {
  printLines(folded(lines, terminalOf(process.stdout).width));
};
