/** Money that calls cost, in millionths of the one currency that a town is configured with. */
import type { Usage } from '../host/model.ts';

/** What a model charges for a million tokens, in the town's currency; for one token, that is in millionths of it. */
export interface Price {
  readonly prompt: number;
  readonly completion: number;
}

export const defaultCurrency = 'USD';

/** One unit of the currency. */
export const million = 1_000_000;

/** Each call is rounded up by itself, so that sums by bead, by model and by role are one and the same. */
export const costOf = (
  { promptTokens, completionTokens }: Pick<Usage, 'promptTokens' | 'completionTokens'>,
  { prompt, completion }: Price,
): number => wholeUp(promptTokens * prompt + completionTokens * completion);

/** Usage with what it costs; as it is where the model has no price. */
export const priced = (usage: Usage, price: Price | undefined): Usage =>
  price === undefined ? usage : { ...usage, money: costOf(usage, price) };

/** What so many tokens cost at most, whichever of these models takes them, prompts or replies. */
export const mostFor = (tokens: number, prices: readonly (Price | undefined)[]): number =>
  wholeUp(
    tokens * Math.max(0, ...prices.flatMap((price) => (price ? [price.prompt, price.completion] : []))),
  );

/** What a person writes, such as 2.50, in millionths. */
export const millionths = (written: number): number => Math.round(written * million);

/** `1.50 EUR`, `0.0042 EUR`: two figures behind the point, and as many more as a small amount needs to be seen. */
export const moneyText = (amount: number, currency: string = defaultCurrency): string =>
  `${unitsText(amount)} ${currency}`;

/** The same where a column or a sentence says what the currency is. */
export const unitsText = (amount: number, figures = figuresOf(amount)): string => {
  const units = amount / million;
  const [whole = '0', rest = ''] = units.toFixed(figures).split('.');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${rest}`;
};

/** Figures behind the point with which two of an amount are seen, from 2 to 6; none for a nought at the end. */
export const figuresOf = (amount: number): number => {
  const units = amount / million;
  if (units <= 0 || units >= 0.095) return 2;
  const figures = Math.min(6, 1 - Math.floor(Math.log10(units)));
  return units.toFixed(figures).endsWith('0') ? Math.max(2, figures - 1) : figures;
};

/** Products of decimals miss whole numbers by a hair, which must not cost one more. */
const wholeUp = (amount: number): number => Math.ceil(amount - 1e-6) + 0;
