import {
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { type DayLedger, grantOfDay, mostOfDay, refundOfDay } from './domain/allowance.ts';
import type { WantedOccasion } from './domain/announcement.ts';
import {
  announceShape,
  askAllowanceShape,
  returnAllowanceShape,
  townSettingsShape,
} from './domain/messageShapes.ts';
import { takeNames } from './domain/polecatNames.ts';
import {
  type Allowance,
  type AskAllowance,
  allowance,
  announce,
  askAllowance,
  raiseBudget,
  returnAllowance,
  type TownSettings,
  townSettings,
  townStatus,
} from './messages.ts';
import { planners } from './proxies.ts';
import { receive, refused } from './receive.ts';
import { createHerald, type HeraldBooks } from './town/herald.ts';
import { type MailBooks, openMailroom } from './town/mailroom.ts';

/** The input of the workflow `town`. */
export interface TownInput {
  readonly timeZone: string;
  /** Tokens that all convoys together may be granted on one calendar day; undefined means no limit. */
  readonly tokensPerDay: number | undefined;
  /** What a person wants to be told outside the town. */
  readonly notify?: readonly WantedOccasion[];
  readonly carried?: TownBooks;
}

interface TownBooks extends MailBooks {
  readonly today: DayLedger;
  /** Position in the pool of polecat names. */
  readonly cursor: number;
  /** Workflows of convoys for which the day had nothing left: told when it has. */
  readonly refused: readonly string[];
  /** The last answer to each convoy, for a question that is told twice; the newest of them. */
  readonly answered: readonly { readonly from: string; readonly answer: Allowance }[];
  readonly settings: TownSettings;
  readonly herald?: HeraldBooks;
}

/** Longest time that news waits for more of its kind, ms. */
const latestNewsMs = 3_600_000;
const newestAnswers = 50;

/** The town itself: grants convoys their share of the day's budget, hands out polecat names, keeps the mailbox. */
export async function town(input: TownInput): Promise<void> {
  let books: TownBooks = input.carried ?? {
    today: { day: '', perDay: input.tokensPerDay, granted: 0 },
    cursor: 0,
    mailbox: [],
    refused: [],
    answered: [],
    settings: { timeZone: input.timeZone, tokensPerDay: input.tokensPerDay, ...noticesOf(input) },
  };
  const asks: AskAllowance[] = [];
  let moreForAll = false;
  const mailroom = openMailroom(books);
  const herald = createHerald(books.herald, () => books.settings.notify ?? [], mailroom.post);
  receive(announce, announceShape, (one) =>
    // A later one would keep back what joins it.
    herald.announce({ ...one, dueAt: Math.min(one.dueAt, Date.now() + latestNewsMs) }),
  );

  receive(askAllowance, askAllowanceShape, (ask) => {
    asks.push(ask);
    // Only a convoy that has just been launched asks for names.
    if (ask.names > 0) mailroom.launched(ask.from);
  });
  receive(returnAllowance, returnAllowanceShape, ({ tokens, day }) => {
    books = { ...books, today: refundOfDay(books.today, day, tokens) };
    moreForAll = true;
  });
  setHandler(
    raiseBudget,
    (tokens) => {
      const perDay = (books.today.perDay ?? 0) + tokens;
      books = { ...books, today: { ...books.today, perDay } };
      moreForAll = true;
      return perDay;
    },
    {
      description: 'Adds tokens to the budget of the day, today and from now on',
      validator: (tokens: number) => {
        if (!Number.isInteger(tokens) || tokens <= 0) {
          throw refused(`Tokens to add must be a whole number above 0, not ${tokens}.`);
        }
        if (books.today.perDay === undefined)
          throw refused('The day has no budget, so there is nothing to raise.', {
            evidence: 'All convoys together may spend what they need: town.budget.tokensPerDay is not set.',
            next: 'To limit them, set town.budget.tokensPerDay in gastown.yaml, then `gt down` and `gt up`. For one convoy: `gt convoy launch PLAN --tokens N`.',
          });
      },
    },
  );
  receive(townSettings, townSettingsShape, (settings) => {
    // A budget that was raised by hand stays raised until the configuration itself says something else.
    const changed = settings.tokensPerDay !== books.settings.tokensPerDay;
    const today = changed ? { ...books.today, perDay: settings.tokensPerDay } : books.today;
    books = { ...books, settings, today };
    moreForAll ||= changed;
  });
  setHandler(townStatus, () => ({
    day: books.today.day,
    tokens: { perDay: books.today.perDay, granted: books.today.granted },
    mailbox: mailroom.letters(),
  }));

  while (!workflowInfo().continueAsNewSuggested || asks.length > 0 || moreForAll) {
    await condition(() => asks.length > 0 || moreForAll || workflowInfo().continueAsNewSuggested);
    if (moreForAll) await tellRefused();
    for (let ask = asks.shift(); ask !== undefined; ask = asks.shift()) {
      await getExternalWorkflowHandle(ask.workflowId)
        .signal(allowance, await answerTo(ask))
        .catch(() => undefined); // the convoy has ended meanwhile
    }
  }
  await herald.settle();
  await condition(allHandlersFinished);
  const carried = { ...books, ...mailroom.books(), herald: herald.books() };
  return continueAsNew<typeof town>({ ...input, carried });

  /** Those that were refused ask anew: only they know what they still lack. */
  async function tellRefused(): Promise<void> {
    const { refused } = books;
    moreForAll = false;
    books = { ...books, refused: [] };
    for (const id of refused) {
      await getExternalWorkflowHandle(id)
        .signal(allowance, { tokens: 0, names: [], askAgainAt: undefined, askAgain: true })
        .catch(() => undefined); // it has ended meanwhile
    }
  }

  async function answerTo(ask: AskAllowance): Promise<Allowance> {
    const told = books.answered.find(({ from }) => from === ask.from)?.answer;
    if (told?.askId !== undefined && told.askId === ask.id) return told;
    const granted = await grant(ask);
    const answer = ask.id === undefined ? granted : { ...granted, askId: ask.id };
    const others = books.answered.filter(({ from }) => from !== ask.from);
    books = { ...books, answered: [...others, { from: ask.from, answer }].slice(-newestAnswers) };
    return answer;
  }

  async function grant(ask: AskAllowance): Promise<Allowance> {
    const { names, cursor } = takeNames(books.cursor, ask.names);
    books = { ...books, cursor };
    const wanted = ask.tokens ?? 0;
    if (wanted === 0) return { tokens: 0, names, askAgainAt: undefined };
    if (books.today.perDay === undefined) return { tokens: wanted, names, askAgainAt: undefined };

    const { day, endsAt } = await planners.calendarDay(books.settings.timeZone, Date.now());
    const most = mostOfDay(books.today.perDay, wanted, ask.least);
    const granted = grantOfDay(books.today, day, most);
    if (granted.tokens !== most) {
      books = { ...books, refused: [...new Set([...books.refused, ask.workflowId])] };
      return { tokens: 0, names, askAgainAt: endsAt };
    }
    books = { ...books, today: granted.ledger };
    return { tokens: most, names, askAgainAt: undefined, day };
  }
}

const noticesOf = ({ notify }: TownInput): Pick<TownSettings, 'notify'> =>
  notify === undefined ? {} : { notify };
