import type { Caps, Spent } from '../bead/bead.ts';
import { spentMoney, totalTokens } from '../host/model.ts';
import { moneyText } from './money.ts';

/**
 * Tokens that one holder (a convoy, an epic) was granted from above and gives out below. For every member A1 holds:
 * what was granted = what is free + what members hold unspent + what was charged − overdraft. A call may cost more than
 * was reserved for it and is charged all the same (G7); the overdraft then stops new reserves until a grant covers it.
 */
export interface Ledger {
  /** Undefined means without limit. */
  readonly granted: number | undefined;
  /** By member: given and neither charged nor refunded yet. */
  readonly held: Readonly<Record<string, number>>;
  /** By member: charged so far. Members stay when they have ended. */
  readonly charged: Readonly<Record<string, number>>;
}

/** An answer to who asked for tokens; `tokens` undefined means without limit. */
export interface Reserve {
  readonly ledger: Ledger;
  readonly tokens: number | undefined;
}

export const openLedger = (granted: number | undefined): Ledger => ({ granted, held: {}, charged: {} });

/** Adds to what was granted. Without limit, it stays so; a grant without limit lifts the limit. */
export const grant = (ledger: Ledger, tokens: number | undefined): Ledger => ({
  ...ledger,
  granted:
    ledger.granted === undefined || tokens === undefined ? undefined : ledger.granted + atLeast0(tokens),
});

/** Gives a member as much of `wanted` as there is; `wanted` undefined asks for all there is. */
export const reserve = (ledger: Ledger, member: string, wanted: number | undefined): Reserve => {
  const free = freeTokens(ledger);
  if (free === undefined && wanted === undefined) return { ledger, tokens: undefined };
  const tokens = Math.min(free ?? Number.MAX_SAFE_INTEGER, atLeast0(wanted ?? Number.MAX_SAFE_INTEGER));
  return { ledger: { ...ledger, held: add(ledger.held, member, tokens) }, tokens };
};

/** Accounts what a member has spent; what it holds shrinks by it, down to nothing. */
export const charge = (ledger: Ledger, member: string, tokens: number): Ledger => {
  const spent = atLeast0(tokens);
  const held = ledger.held[member] ?? 0;
  return {
    ...ledger,
    held: { ...ledger.held, [member]: Math.max(0, held - spent) },
    charged: add(ledger.charged, member, spent),
  };
};

/** Takes back what a member holds unspent, when it ends or waits for long. Repeating it changes nothing. */
export const refund = (ledger: Ledger, member: string): Ledger => {
  const { [member]: _, ...held } = ledger.held;
  return { ...ledger, held };
};

/** What may still be given; undefined means without limit. Never below 0. */
export const freeTokens = (ledger: Ledger): number | undefined => {
  if (ledger.granted === undefined) return;
  return atLeast0(ledger.granted - chargedTokens(ledger) - sum(ledger.held));
};

export const chargedTokens = (ledger: Ledger): number => sum(ledger.charged);

/** What members hold unspent. */
export const heldTokens = (ledger: Ledger): number => sum(ledger.held);

/**
 * How much to ask from above so that a member can have `wanted`; 0 when there is enough. Asks for `ahead` reserves at
 * once, so that messages grow with beads and not with calls.
 */
export const ask = (ledger: Ledger, wanted: number, ahead = 1): number => {
  if (ledger.granted === undefined) return 0;
  const lacking = wanted + chargedTokens(ledger) + sum(ledger.held) - ledger.granted;
  return lacking <= 0 ? 0 : lacking + wanted * (Math.max(1, ahead) - 1);
};

/**
 * What can be given of `wanted`: all of it, or what is left where that is at least `least`; undefined is a refusal. It is all or
 * nothing without a `least`, since part of a bead's cap may start work that cannot finish.
 */
export const partOf = (ledger: Ledger, wanted: number, least: number | undefined): number | undefined => {
  // What costs nothing is not held up by a budget that is overdrawn.
  if (wanted === 0 || ask(ledger, wanted) === 0) return wanted;
  const left = freeTokens(ledger) ?? 0;
  return least === undefined || left < least ? undefined : left;
};

/** The same of what a limit leaves; without a limit, all. */
export const partWithin = (
  left: number | undefined,
  wanted: number,
  least: number | undefined,
): number | undefined => {
  if (left === undefined || wanted <= left) return wanted;
  return least === undefined || left < least ? undefined : left;
};

/** Whether an answer grants nothing, of either. */
export const isRefusal = (answer: {
  readonly tokens: number | undefined;
  readonly money?: number;
  readonly rest?: true;
}): boolean => answer.tokens === 0 && (answer.money ?? 0) === 0 && answer.rest !== true;

/** The least of its cap that a bead may start with when no more is to be had: with less it could hardly make a turn. */
export const leastPart = (cap: number): number => Math.ceil(cap / 4);

/** A budget, what is left of it, and whose it is. */
export interface KnownBudget {
  readonly granted: number;
  readonly left: number;
  readonly of?: 'epic';
}

/** Why a budget starts no further bead that may use `cap`, without a full stop. */
export const tooFew = ({ granted, left, of: whose }: KnownBudget, cap: number): string => {
  const start = `a bead may use ${figure(cap)} tokens and starts with no less than ${figure(leastPart(cap))}`;
  return left === granted
    ? `the budget of this ${whose ?? 'convoy'} is only ${figure(granted)} tokens; ${start}`
    : `of the ${figure(granted)} tokens of this ${whose ?? 'convoy'} only ${figure(left)} are left for another bead; ${start}`;
};

/** The same of money, in millionths. */
export const tooLittleMoney = (
  { granted, left, of: whose }: KnownBudget,
  cap: number,
  currency: string | undefined,
): string => {
  const said = (amount: number): string => moneyText(amount, currency);
  const start = `a bead may cost ${said(cap)} and starts with no less than ${said(leastPart(cap))}`;
  return left === granted
    ? `the budget of this ${whose ?? 'convoy'} is only ${said(granted)}; ${start}`
    : `of the ${said(granted)} of this ${whose ?? 'convoy'} only ${said(left)} are left for another bead; ${start}`;
};

/** `1,234,567`, without a locale of the machine: workflows run this. */
const figure = (tokens: number): string => String(Math.floor(tokens)).replace(/\B(?=(\d{3})+$)/g, ',');

/** The town's tokens of one calendar day. */
export interface DayLedger {
  /** `2026-01-31` in the town's time zone. */
  readonly day: string;
  /** Undefined means without limit. */
  readonly perDay: number | undefined;
  readonly granted: number;
}

/** Grants to a convoy as much of `wanted` as the day has left. A new day starts from nothing. */
export const grantOfDay = (
  ledger: DayLedger,
  day: string,
  wanted: number | undefined,
): { readonly ledger: DayLedger; readonly tokens: number | undefined } => {
  const today = ledger.day === day ? ledger : { ...ledger, day, granted: 0 };
  if (today.perDay === undefined && wanted === undefined) return { ledger: today, tokens: undefined };
  const left = atLeast0((today.perDay ?? Number.MAX_SAFE_INTEGER) - today.granted);
  const tokens = Math.min(left, atLeast0(wanted ?? left));
  return { ledger: { ...today, granted: today.granted + tokens }, tokens };
};

/** What to grant of a day: `wanted`, or a whole day where no day has that much and `least` is enough to begin with. */
export const mostOfDay = (perDay: number | undefined, wanted: number, least: number | undefined): number =>
  perDay === undefined || least === undefined || wanted <= perDay || perDay < least ? wanted : perDay;

/** Takes back tokens of the same day; those of an earlier day are gone, since that day's limit was kept with them. */
export const refundOfDay = (ledger: DayLedger, day: string, tokens: number): DayLedger =>
  ledger.day === day ? { ...ledger, granted: atLeast0(ledger.granted - atLeast0(tokens)) } : ledger;

/** The cap that stops the next call of a bead, or undefined while it may go on. */
export const overCap = (spent: Spent, caps: Caps): keyof Caps | undefined => {
  if (spent.turns >= caps.turns) return 'turns';
  if (totalTokens(spent.usage) >= caps.tokens) return 'tokens';
  if (spent.wallMs >= caps.wallMs) return 'wallMs';
  if (caps.money !== undefined && spentMoney(spent.usage) >= caps.money) return 'money';
  if (spent.attempts >= caps.attempts) return 'attempts';
  return;
};

/** Adds to caps; what `more` does not name stays, and so does a cap that is not set. A cap is only ever raised. */
export const raise = (caps: Caps, more: Partial<Caps>): Caps => ({
  turns: caps.turns + atLeast0(more.turns ?? 0),
  tokens: caps.tokens + atLeast0(more.tokens ?? 0),
  wallMs: caps.wallMs + atLeast0(more.wallMs ?? 0),
  attempts: caps.attempts + atLeast0(more.attempts ?? 0),
  ...(caps.money === undefined ? {} : { money: caps.money + atLeast0(more.money ?? 0) }),
});

/** What is wrong with a raise that somebody sent; undefined when it is sound. For update validators. */
export const raiseFault = (value: unknown): string | undefined => {
  if (value === undefined) return;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'raise is not an object';
  for (const [name, more] of Object.entries(value)) {
    if (!Object.hasOwn(capNames, name))
      return `raise.${name} is not a cap; known: ${Object.keys(capNames).join(', ')}`;
    if (!Number.isSafeInteger(more) || more < 0) return `raise.${name} is not a whole number of at least 0`;
  }
  return;
};

const capNames = { turns: 0, tokens: 0, wallMs: 0, attempts: 0, money: 0 } as const satisfies Caps;

const atLeast0 = (tokens: number): number => (tokens > 0 ? tokens : 0);

const add = (record: Readonly<Record<string, number>>, key: string, tokens: number) => ({
  ...record,
  [key]: (record[key] ?? 0) + tokens,
});

const sum = (record: Readonly<Record<string, number>>): number =>
  Object.values(record).reduce((total, tokens) => total + tokens, 0);
