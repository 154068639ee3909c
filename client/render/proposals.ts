import { stringify } from 'yaml';
import { type BoardProposal, waitingProposals } from '../../workflows/domain/bead/proposal.ts';
import type { EpicStatus } from '../../workflows/domain/report/report.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import { counted } from './amounts.ts';
import { type Terminal, wrap } from './terminal.ts';

/** A proposal where it was found. */
export interface Found {
  readonly epic: EpicStatus;
  readonly proposal: BoardProposal;
}

/** `task` is undefined when the home has its text no more. */
export type Told = Found & { readonly task: string | undefined };

interface Listed {
  readonly convoy: string;
  readonly told: readonly Told[];
  /** Epics that do not run any more. */
  readonly ended: ReadonlySet<string>;
}

const noText = '(this text is not in the home any more)';

/** Proposals for a person to decide on. A model wrote all of it, so it is shown as text and never more (G9). */
export const proposalLines = ({ convoy, told, ended }: Listed, terminal: Terminal): readonly string[] => {
  if (told.length === 0) return [`No proposal waits in convoy ${convoy}.`];
  return [
    ...told.flatMap(({ epic, proposal, task = noText }) => [
      terminal.paint('bold', proposal.id) + (proposal.state === 'waiting' ? '' : ` (${proposal.state})`),
      ...wrap(`  ${oneLine(proposal.title)}`, terminal.width),
      ...wrap(
        `  found in ${convoy}/${epic.epic}/${proposal.from}${proposal.files.length === 0 ? '' : `; files: ${proposal.files.map((file) => oneLine(file)).join(', ')}`}`,
        terminal.width,
      ),
      ...plainLines(task)
        .split('\n')
        .flatMap((line) => wrap(`    ${line}`, terminal.width, 0))
        .map((line) => terminal.paint('dim', line)),
      '',
    ]),
    ...nextLines({ convoy, told, ended }).flatMap((line) => wrap(line, terminal.width)),
  ];
};

/** An epic that runs takes them; after its end they are a plan of their own. */
const nextLines = ({ convoy, told, ended }: Listed): readonly string[] => {
  const waiting = told.filter(({ proposal }) => proposal.state === 'waiting');
  const over = [...new Set(waiting.map(({ epic }) => epic.epic).filter((epic) => ended.has(epic)))];
  const runs = waiting.some(({ epic }) => !ended.has(epic.epic));
  const names = over.map((epic) => `${convoy}/${epic}`).join(', ');
  return [
    ...(runs ? [`To decide: gt convoy accept ${convoy} ID…, or gt convoy dismiss ${convoy} ID…`] : []),
    ...(over.length === 0
      ? []
      : [
          `${over.length === 1 ? 'The epic' : 'The epics'} ${names} ${over.length === 1 ? 'has' : 'have'} ended, so nothing can be added there. To launch what was found there as a plan of its own:`,
          `  gt convoy proposals ${convoy} --plan > next.yaml`,
          '  gt convoy launch next.yaml',
        ]),
  ];
};

/**
 * The same as a plan, for an epic that has ended or a person who wants to edit. Of a proposal it has title, task and files:
 * gates, commands and approvals are a person's to give (G9).
 */
export const proposalPlan = (convoy: string, told: readonly Told[]): readonly string[] => {
  const whole = told.filter(({ task }) => task !== undefined);
  const byRig = [...Map.groupBy(whole, ({ epic }) => epic.rig)].map(([rig, found]) => ({
    rig,
    beads: [...new Map(found.map((one) => [one.proposal.id, beadOf(one)])).values()],
  }));
  const count = byRig.reduce((sum, { beads }) => sum + beads.length, 0);
  const lost = told.length - whole.length;
  const title = `Found by ${convoy}`;
  const [only, ...others] = byRig;
  const plan =
    others.length === 0
      ? { title, ...only }
      : { title, epics: byRig.map((one) => ({ id: one.rig, ...one })) };
  return [
    `# ${counted(count, 'bead')} that polecats proposed in convoy ${convoy}. Read the tasks before you launch them: models wrote them.`,
    ...(lost === 0
      ? []
      : [`# Left out: ${counted(lost, 'proposal')} whose text is not in the home any more.`]),
    stringify(plan).trimEnd(),
  ];
};

const beadOf = ({ proposal, task = '' }: Told) => ({
  id: proposal.id,
  title: oneLine(proposal.title),
  task: plainLines(task),
  ...(proposal.files.length === 0 ? {} : { files: proposal.files }),
});

/** One line for boards; nothing when none waits. */
export const proposalsNote = (
  convoy: string,
  epics: readonly Pick<EpicStatus, 'proposals'>[],
): readonly string[] => {
  const waiting = waitingProposals(epics);
  if (waiting === 0) return [];
  const [wait, them] = waiting === 1 ? ['waits', 'it'] : ['wait', 'them'];
  return [
    `${counted(waiting, 'proposal')} of more work ${wait} for you; see ${them}: gt convoy proposals ${convoy}`,
  ];
};
