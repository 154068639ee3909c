import { oneLine, plainLines } from '../../../workflows/domain/text.ts';
import { pathFault } from '../safety.ts';
import type { ProposedBead } from './edit.ts';
import type { Fence } from './fence.ts';

/** Limits of one proposal, characters and files. */
const most = { title: 120, task: 4_000, files: 20 } as const;

/** The title in the prompt's own example (`prompts/system.md`). */
const example = 'One line that says what';

/** Whether a fenced block proposes a bead. */
export const isProposal = (fence: Fence): boolean => fence.info === 'proposal';

/**
 * Reads the text of a proposal: `title:` and perhaps `files:`, a blank line, then the task. Strict: anything else is no
 * proposal, and nobody's turn is spent on repairing one.
 */
export const readProposal = (content: readonly string[]): ProposedBead | undefined => {
  const blank = content.findIndex((line) => line.trim() === '');
  if (blank < 1) return;
  const head = new Map<string, string>();
  for (const line of content.slice(0, blank)) {
    const [, key = '', value = ''] = /^(title|files):[ \t]*(.*)$/.exec(line) ?? [];
    if (key === '' || head.has(key)) return;
    head.set(key, value.trim());
  }
  const title = oneLine(head.get('title') ?? '', most.title + 1);
  const task = plainLines(content.slice(blank + 1).join('\n')).trim();
  const files = (head.get('files') ?? '').split(',').flatMap((path) => path.trim() || []);
  if (title === '' || [...title].length > most.title) return;
  // Weak models copy the example of their prompt.
  if (title === example || task === '' || task.length > most.task) return;
  if (files.length > most.files || files.some((path) => pathFault(path) !== undefined)) return;
  return { title, task, files: [...new Set(files)] };
};
