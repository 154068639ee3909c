import {
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { DayBudget } from './domain/budget/dayBudget.ts';
import type { WantedOccasion } from './domain/mail/announcement.ts';
import type { Reminding } from './domain/mail/reminder.ts';
import { announceShape, askAllowanceShape, townSettingsShape } from './domain/messageShapes.ts';
import { takeNames } from './domain/polecatNames.ts';
import {
  type Allowance,
  type AskAllowance,
  allowance,
  announce,
  askAllowance,
  type TownSettings,
  townSettings,
  townStatus,
} from './messages.ts';
import { receive } from './receive.ts';
import { createHerald, type HeraldBooks } from './town/herald.ts';
import { type MailBooks, openMailroom } from './town/mailroom.ts';
import { remindOfLetters } from './town/reminders.ts';
import { openTreasury } from './town/treasury.ts';

/** The input of the workflow `town`. */
export interface TownInput {
  readonly timeZone: string;
  /** Tokens that all convoys together may be granted on one calendar day; undefined means no limit. */
  readonly tokensPerDay: number | undefined;
  /** The same in money, in millionths. */
  readonly moneyPerDay?: number;
  /** What money is counted in. */
  readonly currency?: string;
  /** What a person wants to be told outside the town. */
  readonly notify?: readonly WantedOccasion[];
  /** When the person is told again of a letter that presses. */
  readonly remind?: Reminding;
  readonly carried?: TownBooks;
}

interface TownBooks extends MailBooks, DayBudget {
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
    ...dayOf(input),
    cursor: 0,
    mailbox: [],
    refused: [],
    answered: [],
    settings: {
      timeZone: input.timeZone,
      tokensPerDay: input.tokensPerDay,
      ...moneyOf(input),
      ...noticesOf(input),
    },
  };
  const asks: AskAllowance[] = [];
  let moreForAll = false;
  // Only a message that was not delivered is posted, when both are there.
  const herald = createHerald(
    books.herald,
    () => books.settings.notify ?? [],
    (letter) => mailroom.post(letter),
  );
  const mailroom = openMailroom(books, ({ key = '', about, failure }) =>
    herald.announce({
      id: `message/${key}`,
      event: 'needsYou',
      convoy: undefined,
      about: [{ about, failure }],
      dueAt: Date.now(),
    }),
  );
  receive(announce, announceShape, (one) =>
    // A later one would keep back what joins it.
    herald.announce({ ...one, dueAt: Math.min(one.dueAt, Date.now() + latestNewsMs) }),
  );
  remindOfLetters({
    rule: () => books.settings.remind,
    letters: mailroom.letters,
    note: mailroom.reminded,
    announce: herald.announce,
  });

  receive(askAllowance, askAllowanceShape, (ask) => {
    asks.push(ask);
    // Only a convoy that has just been launched asks for names.
    if (ask.names > 0) mailroom.launched(ask.from);
  });
  const treasury = openTreasury(books, {
    settings: () => books.settings,
    more: () => {
      moreForAll = true;
    },
    announce: herald.announce,
  });
  receive(townSettings, townSettingsShape, (settings) => {
    treasury.configured(books.settings, settings);
    books = { ...books, settings };
  });
  setHandler(townStatus, () => ({
    ...treasury.status(),
    ...(books.settings.currency === undefined ? {} : { currency: books.settings.currency }),
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
  const carried = { ...books, ...treasury.books(), ...mailroom.books(), herald: herald.books() };
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
    const wanted = { ...ask, tokens: ask.tokens ?? 0 };
    if (wanted.tokens === 0 && (wanted.money ?? 0) === 0) return { tokens: 0, names, askAgainAt: undefined };
    const { tokens, askAgainAt, ...more } = await treasury.grant(wanted);
    if (askAgainAt !== undefined)
      books = { ...books, refused: [...new Set([...books.refused, ask.workflowId])] };
    return { tokens, names, askAgainAt, ...more };
  }
}

const dayOf = ({ tokensPerDay, moneyPerDay }: TownInput): DayBudget => ({
  today: { day: '', perDay: tokensPerDay, granted: 0 },
  ...(moneyPerDay === undefined ? {} : { money: { day: '', perDay: moneyPerDay, granted: 0 } }),
});

const moneyOf = ({ moneyPerDay, currency }: TownInput): Pick<TownSettings, 'moneyPerDay' | 'currency'> => ({
  ...(moneyPerDay === undefined ? {} : { moneyPerDay }),
  ...(currency === undefined ? {} : { currency }),
});

const noticesOf = ({ notify, remind }: TownInput): Pick<TownSettings, 'notify' | 'remind'> => ({
  ...(notify === undefined ? {} : { notify }),
  ...(remind === undefined ? {} : { remind }),
});
