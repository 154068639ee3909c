import { between, fences, lenient, mostPieces, type Piece, textLines, unbroken } from './callText.ts';
import type { Edit, Fault } from './edit.ts';

/** What a reply asks for in calls of tools that nobody offered: changes of files, or something that cannot be had here. */
export interface ToolCalls {
  readonly edits: readonly Edit[];
  readonly faults: readonly Fault[];
}

/**
 * Reads a reply that consists of tool calls printed as text, as models do that were trained on them (their names and shapes:
 * docs/polecats-and-refinery.md). Undefined when it has none. Only for replies without a change in the protocol's own form: a
 * JSON file that somebody wants written stands under its path.
 */
export const readToolCalls = (text: string): ToolCalls | undefined => {
  const calls = [
    ...taggedCalls(text),
    ...pieces(text).flatMap((piece) => callsIn(lenient(piece.text), piece.line)),
  ];
  if (calls.length === 0) return;
  const edits: Edit[] = [];
  const faults: Fault[] = [];
  for (const call of calls.slice(0, mostPieces)) {
    const edit = editOf(call);
    if (edit === undefined) faults.push(useless(call));
    else edits.push(edit);
  }
  // A look at a file or a run of the tests beside real changes is no harm: the town does both by itself.
  return { edits, faults: edits.length > 0 ? [] : faults };
};

interface Call {
  readonly name: string;
  readonly given: Readonly<Record<string, unknown>>;
  /** Of the reply, from 1. */
  readonly line: number;
}

/** The parts of a reply that may be JSON: all of it, fenced blocks, what stands in the tags that chat templates teach, lines. */
const pieces = (text: string): Piece[] => {
  const whole = text.trim().replace(/^\[TOOL_CALLS\]\s*|^<\|?python_tag\|?>\s*/, '');
  if (/^[[{]/.test(whole) && lenient(whole) !== undefined) return [{ text: whole, line: 1 }];
  for (const found of [
    fences(text),
    ...tags.map((tag) => between(text, `<${tag}>`, `</${tag}>`)),
    textLines(text),
  ]) {
    const json = found.filter((piece) => /^\s*[[{]/.test(piece.text)).slice(0, mostPieces);
    if (json.some((piece) => callsIn(lenient(piece.text), piece.line).length > 0)) return json;
  }
  return [];
};

const tags = ['tool_call', 'function_call', 'tool_use', 'tool'];

/** `<function=write_file><parameter=path>…`, as Qwen's coders write it. */
const taggedCalls = (text: string): Call[] =>
  between(text, '<function=', '</function>').flatMap(({ text: body, line }) => {
    const head = body.indexOf('>');
    const name = body.slice(0, head);
    if (head < 0 || !/^[\w.-]{1,100}$/.test(name)) return [];
    const given = between(body.slice(head), '<parameter=', '</parameter>').flatMap(({ text: parameter }) => {
      const end = parameter.indexOf('>');
      return end < 0 ? [] : [[parameter.slice(0, end), unbroken(parameter.slice(end + 1))] as const];
    });
    return [{ name, given: Object.fromEntries(given), line }];
  });

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const callsIn = (value: unknown, line: number, depth = 0): Call[] => {
  if (depth > 4) return [];
  if (Array.isArray(value)) return value.slice(0, mostPieces).flatMap((one) => callsIn(one, line, depth + 1));
  if (!isFields(value)) return [];
  for (const list of [value.tool_calls, value.toolCalls, value.calls, value.files])
    if (Array.isArray(list)) return callsIn(list, line, depth + 1);
  const inner = isFields(value.function) ? value.function : value;
  const name = textAt(inner, ['name', 'tool', 'tool_name', 'action', 'function', 'recipient_name']);
  const args = ['arguments', 'parameters', 'args', 'input', 'action_input']
    .map((key) => inner[key])
    .find(Boolean);
  const given = typeof args === 'string' ? lenient(args) : args;
  if (name !== undefined && isFields(given)) return [{ name, given, line }];
  // Bare arguments: only what can be nothing else.
  return changeOf(name ?? '', value, line) === undefined ? [] : [{ name: name ?? '', given: value, line }];
};

const editOf = ({ name, given, line }: Call): Edit | undefined => changeOf(name, given, line);

const paths = [
  'path',
  'file_path',
  'filepath',
  'filePath',
  'filename',
  'file_name',
  'file',
  'target_file',
  'relative_path',
];
const contents = ['content', 'contents', 'file_text', 'new_content', 'text', 'code', 'data'];
const olds = ['old_str', 'old_string', 'old_text', 'oldText', 'oldString', 'search', 'old', 'find'];
const news = ['new_str', 'new_string', 'new_text', 'newText', 'newString', 'replace', 'replacement', 'new'];

const changeOf = (name: string, given: Fields, line: number): Edit | undefined => {
  const path = textAt(given, paths)
    ?.trim()
    .replace(/^(?:\.\/)+(?=.)/, '');
  if (path === undefined || path === '') return;
  if (/delete|remove|unlink/i.test(name)) return { kind: 'delete', path, line };
  const search = textAt(given, olds);
  const replace = textAt(given, news);
  if (search !== undefined && replace !== undefined && search !== '')
    return {
      kind: 'replace',
      path,
      line,
      blocks: [{ search: asLines(search), replace: asLines(replace), line }],
    };
  const content = textAt(given, contents);
  if (content === undefined || /read|view|run|exec|list|search|grep|append|insert/i.test(name)) return;
  return { kind: 'write', path, content: asLines(content), line };
};

const textAt = (fields: Fields, keys: readonly string[]): string | undefined => {
  const value = keys.map((key) => fields[key]).find((one) => typeof one === 'string');
  return typeof value === 'string' ? value : undefined;
};

const asLines = (text: string): string => {
  const plain = text.replaceAll('\r\n', '\n');
  return plain === '' || plain.endsWith('\n') ? plain : `${plain}\n`;
};

const useless = ({ name, line }: Call): Fault => ({
  kind: 'malformed',
  what: `The reply calls a tool${name === '' ? '' : ` (${name.replace(/[^\w.-]/g, '').slice(0, 60)})`}. There are no tools here: reply with the changed files themselves. The checks run by themselves afterwards.`,
  line,
});
