import type { Command } from 'commander';
import { allCalls, callsOf } from '../../deploy/report/transcripts.ts';
import { costs } from '../../workflows/domain/budget/costs.ts';
import { defaultCurrency } from '../../workflows/domain/budget/money.ts';
import type { Answer } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { wholeNumber } from '../numbers.ts';
import { costsPage } from '../render/costsPage.ts';
import { readTarget } from '../targets.ts';
import { unknownName } from '../unknownName.ts';

interface Options {
  readonly days?: number;
}

export const addCosts = (program: Command): void => {
  program
    .command('costs')
    .argument('[convoy]', 'default: all convoys together')
    .summary('tokens, time and money by role, model and bead')
    .description(
      'What model calls have cost, by role, by model, and by bead (task) or convoy: calls, tokens, time, and money where ' +
        'models have a price. Failed calls are counted too. Reads the transcripts in the town’s folder, so it works while ' +
        'the town is closed; all launches of a convoy count.',
    )
    .option('--days <n>', 'only calls of the last so many days', wholeNumber)
    .addHelpText('after', '\nExamples:\n  gt costs\n  gt costs demo\n  gt costs --days 7 --json')
    .action(answering(showCosts));
};

const dayMs = 24 * 3_600_000;

const showCosts = async (call: Call<Options>, name: string | undefined): Promise<Answer> => {
  const convoy = name === undefined ? undefined : readTarget(name, ['convoy']).convoy;
  const { home, config } = await call.place();
  const all = convoy === undefined ? await allCalls(home) : await callsOf(home, convoy);
  if (convoy !== undefined && all.length === 0) {
    const known = [...new Set((await allCalls(home)).map(({ bead }) => bead.split('/')[0] ?? ''))];
    throw unknownName({ noun: 'convoy with model calls', name: convoy, known, see: 'gt costs', where: home });
  }
  const { days } = call.options;
  const since = days === undefined ? 0 : Date.now() - days * dayMs;
  const found = costs(all.filter(({ at }) => at >= since));
  const currency = config?.currency ?? defaultCurrency;
  const { convoys, ...ofOne } = found;
  return {
    data: { convoy, currency, ...(convoy === undefined ? found : ofOne) },
    meta: { calls: found.total.calls },
    lines: (terminal) => costsPage(found, { convoy, currency, days }, terminal),
  };
};
