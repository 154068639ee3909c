import { stringify } from 'yaml';
import type { BoardProposal } from '../../workflows/domain/proposal.ts';
import type { EpicStatus } from '../../workflows/domain/report.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import { counted } from './amounts.ts';
import { type Terminal, wrap } from './terminal.ts';

/** A proposal where it was found. */
export interface Found {
  readonly epic: EpicStatus;
  readonly proposal: BoardProposal;
}

type Told = Found & { readonly task: string };

/** Proposals for a person to decide on. A model wrote all of it, so it is shown as text and never more (G9). */
export const proposalLines = (
  convoy: string,
  found: readonly Told[],
  terminal: Terminal,
): readonly string[] => {
  if (found.length === 0) return [`No proposal waits in convoy ${convoy}.`];
  const waits = found.some(({ proposal }) => proposal.state === 'waiting');
  return [
    ...found.flatMap(({ epic, proposal, task }) => [
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
    ...(waits ? [`To decide: gt convoy accept ${convoy} ID…, or gt convoy dismiss ${convoy} ID…`] : []),
  ];
};

/** The same as a plan, for an epic that has ended or a person who wants to edit. */
export const proposalPlan = (convoy: string, found: readonly Told[]): readonly string[] => {
  const beads = found.map(({ proposal, task }) => ({
    id: proposal.id,
    title: oneLine(proposal.title),
    task: plainLines(task),
    ...(proposal.files.length === 0 ? {} : { files: proposal.files }),
  }));
  const [first] = found;
  if (first === undefined) return [`# No proposal waits in convoy ${convoy}.`];
  const rigs = new Set(found.map(({ epic }) => epic.rig));
  const note =
    rigs.size === 1 ? [] : [`# Found in several rigs: ${[...rigs].join(', ')}. Keep those of one rig.`];
  const plan = { title: `Found by ${convoy}`, rig: first.epic.rig, beads };
  return [`# ${counted(beads.length, 'bead')} that polecats proposed.`, ...note, stringify(plan).trimEnd()];
};

/** One line for boards; nothing when none waits. */
export const proposalsNote = (
  convoy: string,
  epics: readonly Pick<EpicStatus, 'proposals'>[],
): readonly string[] => {
  const waiting = epics.flatMap(({ proposals = [] }) => proposals).filter(({ state }) => state === 'waiting');
  if (waiting.length === 0) return [];
  const [wait, them] = waiting.length === 1 ? ['waits', 'it'] : ['wait', 'them'];
  return [
    `${counted(waiting.length, 'proposal')} of more work ${wait} for you; see ${them}: gt convoy proposals ${convoy}`,
  ];
};
