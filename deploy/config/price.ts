import type { Price } from '../../workflows/domain/budget/money.ts';

/** The field `price` of what has one. */
export const priceOf = (
  of: { readonly price?: Price | undefined } | undefined,
): { readonly price?: Price } => (of?.price === undefined ? {} : { price: of.price });
