import { oneLine } from '../../workflows/domain/text.ts';
import { languageOf } from './languages.ts';

/** What a file gives to others and takes from them, as far as its lines tell. */
export interface Outline {
  /** In the order of the file, e.g. `function greet`. */
  readonly names: readonly string[];
  /** As the language writes them, e.g. `./greet.ts`, `crate::greet`. */
  readonly imports: readonly string[];
}

const most = { names: 60, imports: 80, nameChars: 100, lines: 20_000, lineChars: 400 } as const;

/** Whether an outline of this file would say something. */
export const isOutlined = (path: string): boolean => languageOf(path) !== undefined;

/** Empty for a language that we have no rules for; never throws, whatever the text holds. */
export const outlineOf = (path: string, text: string): Outline => {
  const language = languageOf(path);
  if (language === undefined) return { names: [], imports: [] };
  const names = new Set<string>();
  const imports = new Set<string>();
  for (const line of text.split('\n', most.lines)) {
    if (line.length > most.lineChars) continue;
    if (names.size < most.names) {
      const name = firstMatch(language.names, line);
      if (name !== undefined) names.add(oneLine(name, most.nameChars));
    }
    if (imports.size < most.imports) {
      const taken = firstMatch(language.imports, line);
      if (taken !== undefined) imports.add(oneLine(taken, 240));
    }
  }
  names.delete('');
  imports.delete('');
  return { names: [...names], imports: [...imports] };
};

const firstMatch = (patterns: readonly RegExp[], line: string): string | undefined => {
  for (const pattern of patterns) {
    const found = pattern.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  return;
};

/** The name alone, without what kind of thing it is: `greet` of `function greet(name)`. */
export const bareName = (name: string): string => {
  const head = name
    .replace(/^func\s+\([^)]*\)\s*/, '')
    .replace(/^type\s+(\w+)\s.*$/, '$1')
    .replace(/[(<=].*$/, '')
    .trim();
  return head.slice(head.lastIndexOf(' ') + 1) || name;
};
