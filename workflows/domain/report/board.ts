/** Status as small markdown tables, for a workflow's current details in Temporal's Web UI. */
import { amount, short } from '../amounts.ts';
import { moneyText, unitsText } from '../budget/money.ts';
import { totalTokens } from '../host/model.ts';
import { markdownText } from '../text.ts';
import { failureMarkdown, markdownTable, page } from './markdown.ts';
import type { BeadLine, BeadStatus, ConvoyStatus, EpicStatus, HostStatus } from './report.ts';

export { refineryMarkdown } from './refineryMarkdown.ts';

export interface Totals {
  readonly beads: number;
  readonly landed: number;
  readonly working: number;
  /** Waiting for their needs or for a slot. */
  readonly pending: number;
  readonly parked: number;
  readonly blocked: number;
  readonly held: number;
  readonly cancelled: number;
  readonly tokens: number;
  /** Time of all beads together. */
  readonly ms: number;
}

export const totalsOf = (beads: readonly BeadLine[]): Totals => {
  const count = (state: BeadLine['state']): number => beads.filter((bead) => bead.state === state).length;
  const sum = (number: (bead: BeadLine) => number): number =>
    beads.reduce((total, bead) => total + number(bead), 0);
  const counted = {
    beads: beads.length,
    landed: count('landed'),
    pending: count('pending'),
    parked: count('parked'),
    blocked: count('blocked'),
    held: count('held'),
    cancelled: count('cancelled'),
  };
  const rest =
    counted.landed + counted.pending + counted.parked + counted.blocked + counted.held + counted.cancelled;
  return {
    ...counted,
    working: beads.length - rest,
    tokens: sum(({ tokens }) => tokens),
    ms: sum(({ ms }) => ms),
  };
};

/** `3 of 8 landed, 2 working, 1 blocked, 12.3k tokens`: what is 0 is left out. */
export const totalsText = (totals: Totals): string =>
  [
    `${totals.landed} of ${totals.beads} landed`,
    ...(['working', 'pending', 'parked', 'blocked', 'held', 'cancelled'] as const)
      .filter((state) => totals[state] > 0)
      .map((state) => `${totals[state]} ${state}`),
    `${amount(totals.tokens)} tokens`,
  ].join(', ');

export const convoyMarkdown = (status: ConvoyStatus): string => {
  const { spent, granted } = status.tokens;
  const totals = totalsOf(status.epics.flatMap(({ beads }) => beads));
  return page([
    `**${markdownText(status.title)}** ${status.state}: ${totalsText(totals)}`,
    granted === undefined ? '' : `Budget: ${amount(spent)} of ${amount(granted)} tokens`,
    status.money === undefined ? '' : `Money: ${moneyUse(status.money, status.currency)}`,
    failureMarkdown(status.failure),
    markdownTable(
      ['epic', 'rig', 'target', 'beads'],
      status.epics.map((epic) => [epic.epic, epic.rig, epic.target, totalsText(totalsOf(epic.beads))]),
    ),
    ...status.rigs
      .filter(({ takeOver }) => takeOver !== undefined)
      .map(
        ({ rig, takeOver }) => `To take over in ${markdownText(rig)}: ${markdownText(takeOver ?? '', 300)}`,
      ),
  ]);
};

const moneyUse = (
  { spent, granted }: NonNullable<ConvoyStatus['money']>,
  currency: string | undefined,
): string =>
  granted === undefined
    ? moneyText(spent, currency)
    : `${unitsText(spent)} of ${moneyText(granted, currency)}`;

export const epicMarkdown = (status: EpicStatus): string =>
  page([
    `${totalsText(totalsOf(status.beads))}; ${status.waves} waves, at most ${status.maxParallel} at once`,
    status.paused === undefined ? '' : `Paused: ${markdownText(status.paused)}`,
    markdownTable(
      ['wave', 'bead', 'state', 'polecat', 'turns', 'tokens', 'commit or reason', 'title'],
      beadRows(status.beads),
    ),
  ]);

export const beadMarkdown = (status: BeadStatus): string =>
  page([
    `**${markdownText(status.title)}** ${status.state}`,
    `Attempt ${status.attempt}, turn ${status.turn}, conversation ${status.conversation}; ${markdownText(status.polecat)} with ${markdownText(status.model)}; ${amount(totalTokens(status.spent.usage))} tokens of ${amount(status.caps.tokens)}`,
    status.commit === undefined ? '' : `Landed as ${markdownText(short(status.commit))}`,
    status.lastFeedback === undefined ? '' : `Last feedback: ${markdownText(status.lastFeedback, 200)}`,
    status.handover === undefined ? '' : `Handed over: ${markdownText(status.handover, 200)}`,
    status.review === undefined ? '' : `Review: ${markdownText(status.review, 200)}`,
    status.waiting === undefined ? '' : `Waiting: ${failureMarkdown(status.waiting.failure)}`,
    failureMarkdown(status.failure),
  ]);

export const hostMarkdown = (status: HostStatus): string =>
  page([
    `Lease ${status.attempt}`,
    markdownTable(
      ['model', 'gate', 'why', 'next'],
      [
        ...status.open.map((model) => [model, 'open', '', '']),
        ...(status.loading ?? []).map((model) => [model, 'loading', '', '']),
        ...status.closed.map(({ model, failure, terminal }) => [
          model,
          terminal ? 'refused' : 'closed',
          failure.what,
          failure.next,
        ]),
      ],
    ),
  ]);

/** Those that need a person first, then those at work, then the rest in the order of the plan. */
const beadRows = (beads: readonly BeadLine[]): string[][] =>
  beads
    .toSorted((a, b) => urgency(a) - urgency(b))
    .map((bead) => [
      String(bead.wave + 1),
      bead.bead,
      bead.nothingToChange ? 'landed (nothing to change)' : bead.state,
      bead.polecat,
      bead.turns === 0 ? '' : String(bead.turns),
      bead.tokens === 0 ? '' : amount(bead.tokens),
      bead.failure?.what ?? (bead.commit === undefined ? '' : short(bead.commit)),
      bead.title,
    ]);

const urgency = ({ state }: BeadLine): number => {
  if (state === 'blocked' || state === 'parked') return 0;
  if (state === 'held' || state === 'cancelled') return 2;
  return state === 'pending' || state === 'landed' ? 3 : 1;
};
