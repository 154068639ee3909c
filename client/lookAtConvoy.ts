import type { Client } from '@temporalio/client';
import { isSettled } from '../workflows/domain/bead/bead.ts';
import { nearCaps } from '../workflows/domain/budget/budgetUse.ts';
import { totalTokens } from '../workflows/domain/host/model.ts';
import { workflowId } from '../workflows/domain/naming.ts';
import type {
  BeadLine,
  BeadStatus,
  ConvoyStatus,
  EpicBudget,
  EpicStatus,
} from '../workflows/domain/report/report.ts';
import { askMaybe } from './ask.ts';
import { askOne } from './stuck.ts';

/** How closely to look. `epics` asks the convoy and its open epics; `beads` asks the beads at work as well. */
export type Closeness = 'epics' | 'beads';

/** With more at work than this, their own words would cost the workers more than a reader gains. */
const mostBeads = 24;

/**
 * A convoy's whole board. A convoy knows the boards of epics that have ended, an open epic knows its beads, and a bead
 * knows its moment: each is asked for what it knows, since telling it upwards would cost events.
 */
export const lookAtConvoy = async (
  client: Client,
  convoy: string,
  closeness: Closeness,
): Promise<ConvoyStatus> => {
  const handle = client.workflow.getHandle(workflowId.convoy(convoy));
  const status = await askOne<ConvoyStatus>(client, handle, 'convoyStatus');
  // Before it has opened its rigs, what runs under these names is of an earlier launch.
  const epics =
    status.rigs.length === 0
      ? status.epics
      : await Promise.all(status.epics.map((epic) => lookAtEpic(client, epic, closeness)));
  const own = epics.flatMap(({ beads }) => beads).filter(({ earlier }) => earlier !== true);
  const spent = own.reduce((sum, { tokens }) => sum + tokens, 0);
  const money = own.reduce((sum, bead) => sum + (bead.money ?? 0), 0);
  return {
    ...status,
    epics,
    ...(status.epicBudgets === undefined ? {} : { epicBudgets: asSpent(status.epicBudgets, epics) }),
    tokens: { ...status.tokens, spent: Math.max(spent, status.tokens.spent) },
    ...(status.money === undefined && money === 0
      ? {}
      : { money: { granted: status.money?.granted, spent: Math.max(money, status.money?.spent ?? 0) } }),
  };
};

/** What beads have told their epic since it told the convoy. */
const asSpent = (
  budgets: Readonly<Record<string, EpicBudget>>,
  epics: readonly EpicStatus[],
): Readonly<Record<string, EpicBudget>> =>
  Object.fromEntries(
    Object.entries(budgets).map(([id, { tokens, money }]) => {
      const own =
        epics.find(({ epic }) => epic === id)?.beads.filter(({ earlier }) => earlier !== true) ?? [];
      const sum = (of: (bead: BeadLine) => number): number => own.reduce((all, bead) => all + of(bead), 0);
      return [
        id,
        {
          ...(tokens && {
            tokens: {
              ...tokens,
              spent: Math.max(
                tokens.spent,
                sum((bead) => bead.tokens),
              ),
            },
          }),
          ...(money && {
            money: {
              ...money,
              spent: Math.max(
                money.spent,
                sum((bead) => bead.money ?? 0),
              ),
            },
          }),
        },
      ];
    }),
  );

const lookAtEpic = async (client: Client, known: EpicStatus, closeness: Closeness): Promise<EpicStatus> => {
  const { convoy, epic } = known;
  if (known.beads.length > 0 && known.beads.every(({ state }) => isSettledLine(state))) return known;
  const handle = client.workflow.getHandle(workflowId.epic(convoy, epic));
  const status = (await askMaybe<EpicStatus>(client, handle, 'epicStatus')) ?? known;
  const working = status.beads.filter(({ state }) => state === 'working');
  if (closeness === 'epics' || working.length > mostBeads) return status;
  return {
    ...status,
    beads: await Promise.all(
      status.beads.map(async (line) =>
        line.state === 'working' ? await lookAtBead(client, status, line) : line,
      ),
    ),
  };
};

const lookAtBead = async (
  client: Client,
  { convoy, epic }: EpicStatus,
  line: BeadLine,
): Promise<BeadLine> => {
  const handle = client.workflow.getHandle(workflowId.bead({ convoy, epic, bead: line.bead }));
  const status = await askMaybe<BeadStatus>(client, handle, 'beadStatus');
  if (status === undefined) return line;
  const { state, polecat, model, spent, caps, waiting, failure } = status;
  const near = nearCaps(spent, caps);
  return {
    ...line,
    ...{ state, polecat, model },
    ...{ turns: spent.turns, tokens: totalTokens(spent.usage), ms: spent.wallMs },
    ...(spent.usage.money === undefined ? {} : { money: spent.usage.money }),
    ...(near.length === 0 ? {} : { near }),
    failure: failure ?? waiting?.failure,
  };
};

const isSettledLine = (state: BeadLine['state']): boolean => state !== 'working' && isSettled(state);
