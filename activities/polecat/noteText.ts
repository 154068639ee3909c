import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import { inFence, masked } from './untrusted.ts';

/** What one conversation leaves to the next. */
export interface Note {
  readonly version: 1;
  readonly goal: string;
  readonly done: string;
  readonly failing: string;
  readonly files: readonly string[];
  readonly decisions: readonly string[];
  readonly next: string;
}

/** Characters of a whole note: about 800 tokens. */
const mostChars = 2_600;

/** The note as JSON, cut to its size from the ends of its lists. */
export const noteText = (note: Note): string => {
  let cut: Note = {
    ...note,
    goal: oneLine(note.goal, 200),
    done: oneLine(note.done, 600),
    failing: plainLines(note.failing).slice(0, 900),
    decisions: note.decisions.slice(0, 6).map((text) => oneLine(text, 200)),
    next: oneLine(note.next, 200),
  };
  while (JSON.stringify(cut).length > mostChars && cut.files.length > 0)
    cut = { ...cut, files: cut.files.slice(0, -1) };
  while (JSON.stringify(cut).length > mostChars && cut.failing !== '')
    cut = { ...cut, failing: cut.failing.slice(0, Math.floor(cut.failing.length / 2)) };
  return JSON.stringify(cut);
};

/** A note as a section of a prompt; '' for a text that is none. */
export const noteSection = (text: string): string => {
  let note: Partial<Note>;
  try {
    note = JSON.parse(text) as Partial<Note>;
  } catch {
    note = { done: text };
  }
  const lines = [
    ['Goal', note.goal],
    ['Done so far', note.done],
    ['Changed files', note.files?.join(', ')],
    ['Failing', note.failing],
    ['Decided', note.decisions?.join('; ')],
    ['Next', note.next],
  ].flatMap(([title, value]) => (value ? [`${title}: ${value}`] : []));
  if (lines.length === 0) return '';
  return `\n# Where an earlier conversation left off\n\n${inFence(masked(plainLines(lines.join('\n'))), '')}\n`;
};
