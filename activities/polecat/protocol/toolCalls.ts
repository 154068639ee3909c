import { shellWord } from '../../../workflows/domain/shellWord.ts';
import { between, fences, lenient, mostPieces, type Piece, textLines, unbroken } from './callText.ts';
import type { Edit, Fault, ProposedBead } from './edit.ts';
import { commandIn, manyCommands } from './look.ts';
import { readProposal } from './proposal.ts';

/** What a reply asks for in calls of tools: changes of files, other work, a look, or something that cannot be had here. */
export interface ToolCalls {
  readonly edits: readonly Edit[];
  readonly faults: readonly Fault[];
  readonly proposals: readonly ProposedBead[];
  readonly nothingToChange: boolean;
  readonly command?: string;
}

/**
 * Reads a reply that consists of tool calls: native ones, which the collector writes out as text, and those that models print
 * by themselves as they were trained to (their names and shapes: docs/polecats-and-refinery.md). Undefined when it has none.
 * Only for replies without a change in the protocol's own form: a JSON file that somebody wants written stands under its path.
 */
export const readToolCalls = (text: string): ToolCalls | undefined => {
  const calls = [
    ...taggedCalls(text),
    ...pieces(text).flatMap((piece) => callsIn(lenient(piece.text), piece.line)),
  ].slice(0, mostPieces);
  if (calls.length === 0) return;
  const edits: Edit[] = [];
  const proposals: ProposedBead[] = [];
  const looks: Call[] = [];
  const others: Call[] = [];
  let nothingToChange = false;
  for (const call of calls) {
    const edit = editOf(call);
    const proposal = edit === undefined ? proposalOf(call) : undefined;
    if (edit !== undefined) edits.push(edit);
    else if (proposal !== undefined) proposals.push(proposal);
    else if (/^nothing_?to_?change$/i.test(call.name)) nothingToChange = true;
    else (lookOf(call) === undefined ? others : looks).push(call);
  }
  // A look at a file or a run of the tests beside real changes is no harm: the town does both by itself.
  if (edits.length > 0 || nothingToChange) return { edits, proposals, nothingToChange, faults: [] };
  const [only, ...more] = looks;
  const command = only === undefined || more.length + others.length > 0 ? undefined : lookOf(only);
  const faults = others.length > 0 ? others.map(useless) : looks.length > 1 ? [manyCommands] : [];
  return { edits, proposals, nothingToChange, faults, ...(command === undefined ? {} : { command }) };
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

/** What a model wants to see before it changes anything, as a command. */
const lookOf = ({ name, given }: Call): string | undefined => {
  const command = textAt(given, ['command', 'cmd', 'bash', 'script']);
  if (command !== undefined) return commandIn(command);
  const path = textAt(given, paths);
  if (path === undefined || path === '' || path.length > 400) return;
  if (/read|view|open|cat/i.test(name)) return commandIn(`sed -n '1,400p' ${shellWord(path)}`);
  return /list|ls|dir/i.test(name) ? commandIn(`ls -la ${shellWord(path)}`) : undefined;
};

const proposalOf = ({ name, given }: Call): ProposedBead | undefined => {
  if (!/^propose_?work$/i.test(name)) return;
  const { files } = given;
  const listed = Array.isArray(files) ? files.filter((one) => typeof one === 'string') : [];
  const [title, task] = [textAt(given, ['title']), textAt(given, ['task', 'text', 'description'])];
  return title === undefined || task === undefined
    ? undefined
    : readProposal([`title: ${title}`, `files: ${listed.join(', ')}`, '', task]);
};

const useless = ({ name, line }: Call): Fault => ({
  kind: 'malformed',
  what: `The reply calls a tool${name === '' ? '' : ` (${name.replace(/[^\w.-]/g, '').slice(0, 60)})`}. No such tool is here: reply with the changed files themselves. The checks run by themselves afterwards.`,
  line,
});
