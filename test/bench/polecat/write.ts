import type { Changes } from './beadFile.ts';
import { oneOf } from './dice.ts';
import { changedTexts, type Tree } from './tree.ts';

/** How a reply is written, and what is wrong with its form. */
export interface Form {
  /** By SEARCH/REPLACE blocks where the file was there before. */
  readonly blocks: boolean;
  readonly noPath?: boolean;
  readonly unclosedFence?: boolean;
  readonly searchMismatch?: boolean;
  /** From 0 to 1: in which words text is left out. */
  readonly ellipsis?: number;
  /** Each path is written somewhere else. */
  readonly elsewhere?: boolean;
  readonly toolCall?: number;
}

/** A reply that makes these changes to the files as the model saw them, in the form that the town's prompt asks for. */
export const written = (seen: Tree, changes: Changes, form: Form): string => {
  const texts = Object.entries(changedTexts(seen, changes));
  if (form.toolCall !== undefined) return toolCalls(texts, form.toolCall);
  const parts = texts.map(([path, after], index) => {
    const named = form.elsewhere === true ? `lib/copy/${path.split('/').at(-1)}` : path;
    if (after === undefined) return `DELETE ${named}\n`;
    const last = index === texts.length - 1;
    const before = seen[path]?.replaceAll('\r\n', '\n');
    const body = form.blocks && before !== undefined ? block(before, after, form) : whole(after, form);
    return `${form.noPath === true ? 'Here is the new file:' : named}\n${fenced(path, body, last && form.unclosedFence === true)}`;
  });
  return parts.join('\n');
};

const fenced = (path: string, body: string, open: boolean): string =>
  `\`\`\`${path.split('.').at(-1)}\n${body.endsWith('\n') ? body : `${body}\n`}${open ? '' : '```\n'}`;

const whole = (text: string, form: Form): string => {
  if (form.ellipsis === undefined) return text;
  const lines = text.trimEnd().split('\n');
  const kept = Math.max(1, Math.floor(lines.length / 3));
  const mark = /^\s*(#|import|def|from|set)/.test(text) && !text.includes('//') ? '#' : '//';
  return `${lines.slice(0, kept).join('\n')}\n${mark} ${oneOf(omissions, form.ellipsis)}\n`;
};

/** As models say that they leave something out. */
const omissions = [
  '... rest of the file unchanged ...',
  '...',
  '… existing code …',
  'code omitted for brevity',
  'the rest of the file stays the same',
  '(unchanged)',
];

const block = (before: string, after: string, form: Form): string => {
  const { search, replace } = difference(before, after);
  const wanted =
    form.ellipsis === undefined
      ? replace
      : `${replace.split('\n')[0]}\n    // ${oneOf(omissions, form.ellipsis)}\n`;
  const looked = form.searchMismatch === true ? mistaken(search) : search;
  return `<<<<<<< SEARCH\n${looked}=======\n${wanted}>>>>>>> REPLACE\n`;
};

/** The lines that differ, with lines before and after them until they occur only once. */
export const difference = (before: string, after: string): { search: string; replace: string } => {
  const old = linesOf(before);
  const now = linesOf(after);
  let first = 0;
  while (first < old.length && first < now.length && old[first] === now[first]) first++;
  let tail = 0;
  while (tail < old.length - first && tail < now.length - first && old.at(-1 - tail) === now.at(-1 - tail))
    tail++;
  for (;;) {
    const search = old.slice(first, old.length - tail).join('');
    const once = search.trim() !== '' && before.split(search).length === 2;
    if (once || (first === 0 && tail === 0))
      return { search, replace: now.slice(first, now.length - tail).join('') };
    if (first > 0) first--;
    if (tail > 0) tail--;
  }
};

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** As a model remembers it: a name is another one, and a line is left out. */
const mistaken = (search: string): string => {
  const lines = linesOf(search);
  const middle = Math.floor(lines.length / 2);
  const wrong = lines.map((line, index) => (index === middle ? `${line.trimEnd()} // as before\n` : line));
  return wrong.join('');
};

type Texts = readonly [string, string | undefined][];

/** Calls of tools that were never offered, as text. */
const toolCalls = (texts: Texts, style: number): string => {
  const calls = texts.map(([path, after]) =>
    after === undefined
      ? { name: 'delete_file', arguments: { path } }
      : { name: 'write_file', arguments: { path, content: after } },
  );
  if (style < 0.4)
    return calls.map((call) => `\`\`\`json\n${JSON.stringify(call, undefined, 2)}\n\`\`\`\n`).join('\n');
  if (style < 0.7)
    return calls.map((call) => `<tool_call>\n${JSON.stringify(call)}\n</tool_call>\n`).join('');
  return JSON.stringify({
    tool_calls: calls.map(({ name, arguments: given }) => ({
      type: 'function',
      function: { name, arguments: JSON.stringify(given) },
    })),
  });
};
