import {
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { type DayLedger, grantOfDay, refundOfDay } from './domain/allowance.ts';
import { takeNames } from './domain/polecatNames.ts';
import type { TownStatus } from './domain/report.ts';
import {
  type Allowance,
  type AskAllowance,
  allowance,
  askAllowance,
  mail,
  returnAllowance,
  townStatus,
} from './messages.ts';
import { planners } from './proxies.ts';

/** The input of the workflow `town`. */
export interface TownInput {
  readonly timeZone: string;
  /** Tokens that all convoys together may be granted on one calendar day; undefined means no limit. */
  readonly tokensPerDay: number | undefined;
  readonly carried?: TownBooks;
}

interface TownBooks {
  readonly today: DayLedger;
  /** Position in the pool of polecat names. */
  readonly cursor: number;
  readonly mailbox: TownStatus['mailbox'];
}

const newestMail = 200;

/** The town itself: grants convoys their share of the day's budget, hands out polecat names, keeps the mailbox. */
export async function town(input: TownInput): Promise<void> {
  let books: TownBooks = input.carried ?? {
    today: { day: '', perDay: input.tokensPerDay, granted: 0 },
    cursor: 0,
    mailbox: [],
  };
  const asks: AskAllowance[] = [];

  setHandler(askAllowance, (ask) => {
    asks.push(ask);
  });
  setHandler(returnAllowance, ({ tokens, day }) => {
    books = { ...books, today: refundOfDay(books.today, day, tokens) };
  });
  setHandler(mail, (letter) => {
    books = { ...books, mailbox: [...books.mailbox, { ...letter, at: Date.now() }].slice(-newestMail) };
  });
  setHandler(townStatus, () => ({
    day: books.today.day,
    tokens: { perDay: input.tokensPerDay, granted: books.today.granted },
    mailbox: books.mailbox,
  }));

  while (!workflowInfo().continueAsNewSuggested || asks.length > 0) {
    await condition(() => asks.length > 0 || workflowInfo().continueAsNewSuggested);
    for (let ask = asks.shift(); ask !== undefined; ask = asks.shift()) {
      await getExternalWorkflowHandle(ask.workflowId)
        .signal(allowance, await grant(ask))
        .catch(() => undefined); // the convoy has ended meanwhile
    }
  }
  await condition(allHandlersFinished);
  return continueAsNew<typeof town>({ ...input, carried: books });

  async function grant(ask: AskAllowance): Promise<Allowance> {
    const { names, cursor } = takeNames(books.cursor, ask.names);
    books = { ...books, cursor };
    const wanted = ask.tokens ?? 0;
    if (wanted === 0) return { tokens: 0, names, askAgainAt: undefined };
    if (input.tokensPerDay === undefined) return { tokens: wanted, names, askAgainAt: undefined };

    const { day, endsAt } = await planners.calendarDay(input.timeZone, Date.now());
    const granted = grantOfDay(books.today, day, wanted);
    if (granted.tokens !== wanted) return { tokens: 0, names, askAgainAt: endsAt };
    books = { ...books, today: granted.ledger };
    return { tokens: wanted, names, askAgainAt: undefined, day };
  }
}
