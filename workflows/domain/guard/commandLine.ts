/** Placeholders in the shell lines of a configuration: what the town fills in is never more than words of a command (G9). */
import { shellWord } from '../shellWord.ts';

/** Characters of one filled line: an argument of a process has an end, on Linux at 128 KiB. */
const longest = 60_000;

/**
 * Why a line with placeholders is no sound one; undefined when it is. `allowed` are those that mean something in it, of which
 * it must have one when `required` says so.
 */
export const placeholderFault = (
  line: string,
  allowed: readonly string[],
  required = false,
): string | undefined => {
  const known = allowed.map((name) => `{${name}}`).join(' or ');
  for (const { name, at } of placeholdersIn(line)) {
    if (!allowed.includes(name)) return `has {${name}}, which is filled with nothing here: write ${known}`;
    if (isQuoted(line, at))
      return `has {${name}} inside quotes: each file is quoted already, so write it bare`;
  }
  return required && placeholdersIn(line).length === 0 ? `lacks ${known}` : undefined;
};

/**
 * The line with each placeholder as shell words, as many paths as it has room for; undefined when it has placeholders and all of
 * them stand for nothing, so that there is nothing to run it for.
 */
export const filledLine = (
  line: string,
  paths: Readonly<Record<string, readonly string[]>>,
): string | undefined => {
  let room = longest - line.length;
  let count = 0;
  const filled = line.replaceAll(placeholder, (whole, name: string, endings?: string) => {
    const words: string[] = [];
    const wanted = endings?.split(',').map((ending) => `.${ending}`);
    for (const path of paths[name] ?? [whole]) {
      if (wanted !== undefined && !wanted.some((ending) => path.endsWith(ending))) continue;
      const word = pathWord(path);
      room -= word.length + 1;
      if (room < 0) break;
      words.push(word);
    }
    count += words.length;
    return words.join(' ');
  });
  return count === 0 && placeholdersIn(line).length > 0 ? undefined : filled;
};

/** A path as one word that no program takes for an option and no shell for a home. */
const pathWord = (path: string): string => shellWord(/^[-~]/.test(path) ? `./${path}` : path);

/** `{files}`, or `{files:py,pyi}` for those that end so. Not `${files}`, which is a variable of the shell's. */
const placeholder = /(?<!\$)\{(files?|tests?|folders?|paths?|names?)(?::([\w.]+(?:,[\w.]+)*))?\}/g;

const placeholdersIn = (line: string): readonly { readonly name: string; readonly at: number }[] =>
  [...line.matchAll(placeholder)].map((found) => ({ name: found[1] ?? '', at: found.index }));

const isQuoted = (line: string, at: number): boolean => {
  let quote = '';
  for (let index = 0; index < at; index++) {
    const character = line[index] ?? '';
    if (character === '\\' && quote !== "'") index += 1;
    else if (quote === '' && (character === "'" || character === '"')) quote = character;
    else if (character === quote) quote = '';
  }
  return quote !== '';
};
