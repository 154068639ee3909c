import { blockPath, opensBlock, readBlock } from './block.ts';
import type { Block, Deletion, Edit, Fault, ParsedReply, ProposedBead } from './edit.ts';
import { closingLine, type Fence, holdsFences, nestedLabel, openingFence, unindented } from './fence.ts';
import {
  citedPart,
  claimsNothing,
  commentPath,
  deletedPath,
  infoPath,
  labelPath,
  maybeSpacedPath,
} from './label.ts';
import { nextText, replyLines } from './lines.ts';
import { commandIn, manyCommands } from './look.ts';
import { mergeEdits } from './merge.ts';
import { isProposal, readProposal } from './proposal.ts';
import { readToolCalls } from './toolCalls.ts';

/**
 * Reads a model's reply: whole files in fenced blocks after a line with their path, SEARCH/REPLACE blocks, lines
 * `DELETE path`, the line `NOTHING TO CHANGE`, and blocks that propose other work. Tolerant of form, strict where a guess could change the wrong thing:
 * then it says so as a fault. Never throws; checks no path and reads no file.
 */
export const parseReply = (text: string): ParsedReply => {
  const { lines, first, fault } = replyLines(text);
  if (fault) return { edits: [], nothingToChange: false, faults: [fault] };
  const own = readLines(lines, first);
  const called = own.edits.length > 0 || own.nothingToChange ? undefined : readToolCalls(lines.join('\n'));
  const read: ParsedReply =
    called === undefined
      ? own
      : { ...own, ...called, unsure: [], proposals: [...(own.proposals ?? []), ...called.proposals] };
  const { edits, faults: merging } = mergeEdits(read.edits);
  const faults = [...read.faults, ...merging];
  if (read.nothingToChange && edits.length > 0)
    faults.push({
      kind: 'malformed',
      what: 'The reply says NOTHING TO CHANGE and changes files as well. Do one of the two.',
    });
  const { nothingToChange, proposals = [], unsure = [], command } = read;
  if (!nothingToChange && edits.length + unsure.length === 0 && faults.length === 0 && command === undefined)
    faults.push(noEdit(lines, first));
  return {
    ...{ edits, nothingToChange, faults },
    ...(unsure.length === 0 ? {} : { unsure }),
    ...(proposals.length === 0 ? {} : { proposals }),
    ...(command === undefined || edits.length + unsure.length + faults.length > 0 ? {} : { command }),
  };
};

/** Reading stops there: further faults say no more, and each may cost a look at all the rest of a hostile reply. */
const mostFaults = 20;
const mostEdits = 1_000;
const mostProposed = 5;
const mostUnsure = 20;

interface Label {
  readonly path: string;
}

const readLines = (lines: readonly string[], first: number): ParsedReply => {
  const edits: Edit[] = [];
  const faults: Fault[] = [];
  const proposals: ProposedBead[] = [];
  const unsure: Deletion[] = [];
  let nothingToChange = false;
  /** The path on the last line that was not blank. */
  let label: Label | undefined;
  /** The file of the last SEARCH/REPLACE block: further blocks may follow without repeating its path. */
  let current: string | undefined;
  const commands: { readonly text: string; readonly fault: Fault }[] = [];

  const addBlock = (path: string | undefined, block: Block): void => {
    const file = path ?? current;
    if (file === undefined) {
      faults.push({
        kind: 'malformed',
        what: 'This SEARCH block does not say which file it changes.',
        line: block.line,
        text: lines[block.line - first] ?? '',
      });
      return;
    }
    current = file;
    edits.push({ kind: 'replace', path: file, blocks: [block], line: block.line });
  };

  /** Reads blocks from `at` on, up to the first line that belongs to none; returns its index. */
  const readBlocks = (from: number, path: string | undefined, fence: Fence | undefined): number => {
    const body = fence && fence.indent > 0 ? unindented(lines, 0, lines.length, fence.indent) : lines;
    let named = path;
    let at = from;
    while (at < body.length) {
      const line = body[at] ?? '';
      if (opensBlock(line)) {
        const found = readBlock(body, at, first);
        if (found.block) addBlock(blockPath(line) ?? named, found.block);
        else faults.push(found.fault);
        at = found.next;
      } else if (line.trim() === '') at++;
      else if (fence && labelPath(line) !== undefined && opensBlock(body[nextText(body, at + 1)])) {
        named = labelPath(line);
        at++;
      } else break;
    }
    if (!fence) return at;
    const closing = openingFence(body[at] ?? '');
    if (closing && closing.mark === fence.mark && closing.length >= fence.length && closing.info === '')
      return at + 1;
    faults.push({
      kind: 'malformed',
      what:
        at < body.length
          ? 'Inside this fenced block stands text that belongs to no SEARCH/REPLACE block.'
          : 'The fenced block around these SEARCH/REPLACE blocks is never closed: was the reply cut off?',
      line: first + Math.min(at, lines.length - 1),
      text: body[at] ?? '',
    });
    return at < body.length ? (closingLine(lines, at - 1, fence) ?? body.length - 1) + 1 : at;
  };

  /** Reads the fenced block that opens at `open`; returns the index of the line after it. */
  const readFence = (open: number, fence: Fence): number => {
    const end = label === undefined && isProposal(fence) ? closingLine(lines, open, fence) : undefined;
    if (end !== undefined) {
      const proposal = readProposal(unindented(lines, open + 1, end, fence.indent));
      if (proposal !== undefined) proposals.push(proposal);
      return end + 1;
    }
    const malformed = (what: string, line = open): void => {
      faults.push({ kind: 'malformed', what, line: first + line, text: lines[line] ?? '' });
    };
    const infoName = infoPath(fence.info);
    if (infoName !== undefined && label && infoName !== label.path)
      malformed(`This block has two paths: ${label.path} before it and ${infoName} in its first line.`);
    const named = label?.path ?? infoName;
    const start = nextText(lines, open + 1);
    const opensHere = opensBlock(lines[start]);
    const opensAfterPath =
      labelPath(lines[start] ?? '') !== undefined && opensBlock(lines[nextText(lines, start + 1)]);
    if (opensHere || opensAfterPath) return readBlocks(start, named, fence);

    const close = closingLine(lines, open, fence);
    const path = named ?? (close === open + 1 ? undefined : commentPath(lines[open + 1] ?? ''));
    const inner =
      path !== undefined && !holdsFences(path) ? nestedLabel(lines, open, close, fence) : undefined;
    if (close === undefined || inner !== undefined) {
      malformed(
        `This fenced block is never closed${path === undefined ? '' : ` (file ${path})`}: was the reply cut off? ` +
          'If the file itself has lines of three backticks, put four around it.',
      );
      return inner ?? lines.length;
    }
    const content = unindented(lines, open + 1, close, fence.indent);
    if (path === undefined) readUnnamed(open, fence, content, malformed);
    else {
      const part = citedPart(fence.info);
      const stray = content.findIndex((line) => opensBlock(line));
      if (part !== undefined)
        malformed(
          `This block of ${path} begins at line ${part}: it is a part of the file. Give the whole file, or SEARCH/REPLACE blocks.`,
        );
      else if (stray >= 0)
        malformed(`The block of ${path} mixes a whole file with SEARCH/REPLACE blocks.`, open + 1 + stray);
      else if (/^(?:diff|patch)$/i.test(fence.info.split(/\s/)[0] ?? '') && !/\.(?:diff|patch)$/.test(path))
        malformed(`The block of ${path} is a diff. Diffs are not accepted.`);
      else
        edits.push({
          kind: 'write',
          path,
          content: content.map((line) => `${line}\n`).join(''),
          line: first + open,
        });
    }
    return close + 1;
  };

  const readUnnamed = (
    open: number,
    fence: Fence,
    content: string[],
    malformed: (what: string) => void,
  ): void => {
    const language = fence.info.split(/\s/)[0]?.toLowerCase() ?? '';
    // Some models wrap their whole answer, or a DELETE line, in one more block.
    if (['', 'markdown', 'md', 'text', 'txt', 'plaintext'].includes(language)) {
      const within = readLines(content, first + open + 1);
      if (within.edits.length > 0 || (within.unsure ?? []).length > 0 || within.nothingToChange) {
        edits.push(...within.edits);
        faults.push(...within.faults);
        nothingToChange ||= within.nothingToChange;
        proposals.push(...(within.proposals ?? []));
        unsure.push(...(within.unsure ?? []));
        return;
      }
    }
    if (/^(?:diff|patch)$/.test(language)) return malformed('This block is a diff. Diffs are not accepted.');
    let before = open - 1;
    while (before >= 0 && lines[before]?.trim() === '') before -= 1;
    const spaced = maybeSpacedPath(lines[before] ?? '');
    const what =
      'This fenced block has no path: the line right before it must be the path of the file, and nothing else.' +
      (spaced ? ' A path with spaces must stand in backticks, as in `docs/my page.md`.' : '');
    // "Now run `npm test`" is advice, no file: a fault only when the reply has nothing else.
    if (['bash', 'sh', 'shell', 'console', 'zsh'].includes(language) && !content[0]?.startsWith('#!'))
      commands.push({
        text: content.join('\n'),
        fault: { kind: 'malformed', what, line: first + open, text: lines[open] ?? '' },
      });
    else malformed(what);
  };

  for (let at = 0; at < lines.length && faults.length < mostFaults && edits.length < mostEdits; ) {
    const line = lines[at] ?? '';
    const fence = openingFence(line);
    const gone = deletedPath(line);
    if (fence) {
      at = readFence(at, fence);
      label = undefined;
    } else if (opensBlock(line)) {
      at = readBlocks(at, label?.path, undefined);
      label = undefined;
    } else {
      if (gone !== undefined)
        (gone.unsure ? unsure : edits).push({ kind: 'delete', path: gone.path, line: first + at });
      else if (claimsNothing(line)) nothingToChange = true;
      if (line.trim() !== '') {
        const path = gone === undefined || gone.unsure ? labelPath(line) : undefined;
        label = path === undefined ? undefined : { path };
      }
      at++;
    }
  }
  if (edits.length >= mostEdits)
    faults.push({ kind: 'malformed', what: `The reply makes more than ${mostEdits} changes. Make fewer.` });
  let command: string | undefined;
  if (edits.length === 0 && unsure.length === 0 && !nothingToChange && commands.length > 0) {
    if (faults.length === 0) command = commands.length === 1 ? commandIn(commands[0]?.text ?? '') : undefined;
    if (command === undefined)
      faults.push(...(commands.length > 1 ? [manyCommands] : commands.map(({ fault }) => fault)));
  }
  return {
    ...{ edits, nothingToChange, faults },
    ...(command === undefined ? {} : { command }),
    proposals: proposals.slice(0, mostProposed),
    unsure: unsure.slice(0, mostUnsure),
  };
};

const noEdit = (lines: readonly string[], first: number): Fault => {
  const start = nextText(lines, 0);
  return start >= lines.length
    ? { kind: 'malformed', what: 'The reply is empty.' }
    : {
        kind: 'malformed',
        what: 'The reply changes no file: it has no fenced block with a path, no SEARCH/REPLACE block and no DELETE line.',
        line: first + start,
        text: lines[start] ?? '',
      };
};
