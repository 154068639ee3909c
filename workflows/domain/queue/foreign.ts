/** Reads values that somebody else made and that may have any shape: answers of servers, files of repositories. */

/** One field of a value of any shape. */
export const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;

/** The items of a list that is one field of a value of any shape. */
export const itemsIn = (value: unknown, name: string): readonly unknown[] => {
  const list = field(value, name);
  return Array.isArray(list) ? list : [];
};

export const textIn = (value: unknown, name: string): string | undefined => {
  const text = field(value, name);
  return typeof text === 'string' && text !== '' ? text : undefined;
};

export const positiveIn = (value: unknown, name: string): number | undefined => {
  const number = field(value, name);
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : undefined;
};

/** A text as JSON; undefined when it is none. */
export const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return;
  }
};
