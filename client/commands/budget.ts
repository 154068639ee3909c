import type { WorkflowHandle } from '@temporalio/client';
import type { Command } from 'commander';
import { moneyText } from '../../workflows/domain/budget/money.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { ConvoyStatus, TownStatus } from '../../workflows/domain/report/report.ts';
import { raiseBudget, raiseEpic, raiseMoney } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call, looking } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { moneyAmount, wholeNumber } from '../numbers.ts';
import { readTarget } from '../targets.ts';
import { ClientError } from '../trouble.ts';

interface Options {
  readonly money?: number;
}

export const addBudget = (program: Command): void => {
  const budget = program
    .command('budget')
    .summary('what convoys may spend, and have')
    .description('The tokens and the money that convoys may spend.')
    .addHelpText(
      'after',
      '\nExamples:\n  gt budget show\n  gt budget raise demo 500000\n  gt budget raise demo --money 2.50\n' +
        '  gt budget raise-day 1000000',
    );
  budget
    .command('show')
    .summary('how much of each budget is used')
    .description('Shows the budget of the day and those of running convoys: what is spent of what.')
    .addHelpText('after', '\nExamples:\n  gt budget show\n  gt budget show --json')
    .action(looking('budget show'));
  budget
    .command('raise')
    .argument('<target>', 'CONVOY, or CONVOY/EPIC for an epic (goal) to which the plan gives a budget')
    .argument('[tokens]', 'tokens to add', wholeNumber)
    .option('--money <amount>', 'money to add, such as 2.50', moneyAmount)
    .summary('add tokens or money to a running convoy')
    .description(
      'Adds to the budget of a running convoy, or of one of its epics. Beads (tasks) that waited for it go on.',
    )
    .addHelpText('after', '\nExamples:\n  gt budget raise demo 500000\n  gt budget raise demo --money 2.50')
    .action(answering(raise));
  budget
    .command('raise-day')
    .argument('[tokens]', 'tokens to add', wholeNumber)
    .option('--money <amount>', 'money to add, such as 2.50', moneyAmount)
    .summary('add tokens or money to the budget of the day')
    .description(
      'Adds to what all convoys together may spend on a day, today and from now on. Convoys that waited for it go on.',
    )
    .addHelpText('after', '\nExamples:\n  gt budget raise-day 1000000\n  gt budget raise-day --money 5')
    .action(answering(raiseDay));
};

const raiseDay = async (call: Call<Options>, tokens: number | undefined): Promise<Answer> => {
  const more = wanted(tokens, call.options.money, 'gt budget raise-day');
  const { client } = await call.town();
  const town = client.workflow.getHandle(workflowId.town);
  const now = await within(client, () => raised(town, more));
  const { currency } = await within(client, () => town.query<TownStatus>('townStatus'));
  return {
    data: { ...tokensOf(now, 'tokensPerDay'), ...moneyOf(now, 'moneyPerDay') },
    lines: () => said(now, currency).map((what) => `All convoys together may now spend ${what} a day.`),
  };
};

const raise = async (call: Call<Options>, name: string, tokens: number | undefined): Promise<Answer> => {
  const target = readTarget(name, ['convoy', 'epic']);
  const more = wanted(tokens, call.options.money, `gt budget raise ${target.name}`);
  const { client } = await call.town();
  const convoy = client.workflow.getHandle(workflowId.convoy(target.convoy));
  const now = await within(client, () =>
    target.kind === 'epic'
      ? convoy.executeUpdate(raiseEpic, { args: [{ epic: target.epic, ...more }] })
      : raised(convoy, more),
  );
  const { currency } = await within(client, () => convoy.query<ConvoyStatus>('convoyStatus'));
  return {
    data: {
      convoy: target.convoy,
      ...(target.kind === 'epic' ? { epic: target.epic } : {}),
      ...tokensOf(now, 'tokens'),
      ...moneyOf(now, 'money'),
    },
    lines: () =>
      said(now, currency).map(
        (what) => `${target.kind === 'epic' ? 'Epic' : 'Convoy'} ${target.name} may now spend ${what}.`,
      ),
  };
};

interface Raised {
  readonly tokens?: number;
  readonly money?: number;
}

/** The new budgets of what was raised. */
const raised = async (handle: WorkflowHandle, { tokens, money }: Raised): Promise<Raised> => ({
  ...(tokens === undefined ? {} : { tokens: await handle.executeUpdate(raiseBudget, { args: [tokens] }) }),
  ...(money === undefined ? {} : { money: await handle.executeUpdate(raiseMoney, { args: [money] }) }),
});

const wanted = (tokens: number | undefined, money: number | undefined, command: string): Raised => {
  if (tokens === undefined && money === undefined) {
    throw new ClientError(exitCode.badInput, {
      type: 'NothingToRaise',
      what: 'Say how much is to be added.',
      evidence: 'neither tokens nor --money is given',
      next: `For example \`${command} 500000\` or \`${command} --money 2.50\`.`,
    });
  }
  return { ...(tokens === undefined ? {} : { tokens }), ...(money === undefined ? {} : { money }) };
};

const tokensOf = ({ tokens }: Raised, name: string): object =>
  tokens === undefined ? {} : { [name]: tokens };
const moneyOf = ({ money }: Raised, name: string): object => (money === undefined ? {} : { [name]: money });

const said = ({ tokens, money }: Raised, currency: string | undefined): readonly string[] => [
  ...(tokens === undefined ? [] : [`${tokens.toLocaleString('en-US')} tokens`]),
  ...(money === undefined ? [] : [moneyText(money, currency)]),
];
