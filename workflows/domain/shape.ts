/**
 * What a message has to look like before a workflow believes it. A signal cannot be refused, and one that is read wrongly
 * would fail its workflow's every task for good, so each is checked by hand and ignored when it does not fit.
 */

/** Says what is wrong with a value, `at` its place in the message; undefined when it fits. Fields it does not know may be there. */
export interface Shape<T> {
  (value: unknown, at: string): string | undefined;
  readonly of?: T;
  /** The field may be left out. */
  readonly mayMiss?: boolean;
}

interface Missable<T> extends Shape<T> {
  readonly mayMiss: true;
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
type Of<S> = S extends Shape<infer T> ? T : never;
type Missing<F> = { [K in keyof F]: F[K] extends { mayMiss: true } ? K : never }[keyof F];
type Shaped<F> = { readonly [K in Exclude<keyof F, Missing<F>>]: Of<F[K]> } & {
  readonly [K in Missing<F>]?: Of<F[K]>;
};

/** Characters of one message; what its texts, names and numbers come to. More would fill histories and what is carried on. */
export const longestMessage = 100_000;

/** What is wrong with a message as a whole, in words that quote nothing of it (G9); undefined when it fits. */
export const faultOf = (
  shape: Shape<unknown>,
  message: unknown,
  longest = longestMessage,
): string | undefined =>
  isLonger(message, longest) ? `the message is longer than ${longest} characters` : shape(message, '');

/** A shape by a rule and the words for it: `not a text`, after the name of the field. */
export const fits =
  <T>(wanted: string, rule: (value: unknown) => boolean): Shape<T> =>
  (value, at) =>
    rule(value) ? undefined : `${at === '' ? 'the message' : at} is ${missing(value)}not ${wanted}`;

export const text: Shape<string> = fits('a text', (value) => typeof value === 'string');

export const flag: Shape<boolean> = fits('true or false', (value) => typeof value === 'boolean');

/** A number of things, tokens or ms: never negative, and no fraction of use is lost. */
export const amount: Shape<number> = fits(
  'a number of at least 0',
  (value) => typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER,
);

export const count: Shape<number> = fits(
  'a whole number of at least 0',
  (value) => Number.isSafeInteger(value) && Number(value) >= 0,
);

/** What a timer and a date can hold. */
const yearTwoThousandOneHundred = 4_102_444_800_000;

/** Epoch ms. */
export const moment: Shape<number> = fits(
  'a time in ms since 1970',
  (value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= yearTwoThousandOneHundred,
);

/** A name of anything, as it stands in ids, refs and trailers: one line without blanks. */
export const name: Shape<string> = fits(
  'a name (one word of at most 300 characters)',
  (value) => typeof value === 'string' && value.length <= 300 && /^[^\s\p{C}]+$/u.test(value),
);

export const oneOf = <const T extends string | number | boolean>(...known: readonly T[]): Shape<T> =>
  fits(`one of ${known.join(', ')}`, (value) => known.some((one) => one === value));

/** A field that may be left out. */
export const optional = <T>(shape: Shape<T>): Missable<T> =>
  Object.assign((value: unknown, at: string) => (value === undefined ? undefined : shape(value, at)), {
    mayMiss: true as const,
  });

/** A field that is always there; JSON leaves it out where it is undefined. */
export const orNone =
  <T>(shape: Shape<T>): Shape<T | undefined> =>
  (value, at) =>
    value === undefined ? undefined : shape(value, at);

export const listOf =
  <T>(shape: Shape<T>, most = Number.MAX_SAFE_INTEGER): Shape<readonly T[]> =>
  (value, at) => {
    if (!Array.isArray(value)) return list(value, at);
    if (value.length > most) return `${at === '' ? 'the message' : at} has more than ${most} items`;
    return firstFault(value.map((item, index) => () => shape(item, `${at}[${index}]`)));
  };

/** An object with these fields. */
export const record =
  <const F extends Fields>(fields: F): Shape<Shaped<F>> =>
  (value, at) =>
    isObject(value)
      ? firstFault(
          Object.entries(fields).map(
            ([field, shape]) =>
              () =>
                shape(Object.hasOwn(value, field) ? value[field] : undefined, inside(at, field)),
          ),
        )
      : object(value, at);

/** An object of any names, each with a value of this shape. */
export const recordOf =
  <T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> =>
  (value, at) =>
    isObject(value)
      ? firstFault(
          // A name is somebody's text: it is not said.
          Object.values(value).map((one, index) => () => shape(one, inside(at, `(entry ${index + 1})`))),
        )
      : object(value, at);

/** Fits when all of them do. */
export const both =
  <A, B>(one: Shape<A>, other: Shape<B>): Shape<A & B> =>
  (value, at) =>
    one(value, at) ?? other(value, at);

const list = fits('a list', Array.isArray);
const object = fits('an object', () => false);

const missing = (value: unknown): string => (value === undefined ? 'missing, ' : '');

const inside = (at: string, field: string): string => (at === '' ? field : `${at}.${field}`);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const firstFault = (checks: readonly (() => string | undefined)[]): string | undefined => {
  for (const check of checks) {
    const fault = check();
    if (fault !== undefined) return fault;
  }
  return;
};

/** Without recursion: a message may be nested deeper than the stack is. */
const isLonger = (message: unknown, most: number): boolean => {
  const open: unknown[] = [message];
  let size = 0;
  while (open.length > 0 && size <= most) {
    const value = open.pop();
    size += typeof value === 'string' ? value.length + 1 : 1;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      size += key.length;
      open.push(inner);
    }
  }
  return size > most;
};
