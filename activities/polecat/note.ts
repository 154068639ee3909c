import { isRed } from '../../workflows/domain/bead/feedback.ts';
import type { Look } from '../../workflows/domain/bead/look.ts';
import { beadKey, gitRef } from '../../workflows/domain/naming.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { Feedback, WriteNote, WrittenNote } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import { readRefs } from '../git/refs.ts';
import { git } from '../git/run.ts';
import type { Home } from '../home.ts';
import type { Blobs } from '../ledger/blobs.ts';
import { readModelNote } from './modelNote.ts';
import { noteText } from './noteText.ts';

interface NoteDeps {
  readonly home: Home;
  readonly blobs: Blobs;
}

/**
 * Writes the note that the next conversation starts from: {goal, done, failing, files, decisions, next}. Files and failures come
 * from git and the gates whatever a model says (G3); what it has done, decided and means to do may be its own words, and is made by
 * code where it has none that are usable. At most about 800 tokens.
 *
 * Work in progress is on the branch already: every reply is committed as it is applied. What else lies in the worktree is not
 * the polecat's: a command left it there, so that committing it would let a test write what a reply may not (G9), or a reset was
 * cut short, so that committing it would undo a reply (G5).
 */
export const createWriteNote =
  ({ home, blobs }: NoteDeps) =>
  async (request: WriteNote): Promise<WrittenNote> => {
    const repo = home.repo(request.rig);
    const head = await tipOf(repo, request);
    const stat = await git(['diff-tree', '-r', '--numstat', '--no-renames', request.base, head], {
      cwd: repo,
    });
    const files = stat.stdout.split('\n').filter(Boolean).map(statLine);
    const last = request.feedback.at(-1);
    const own = request.replyRef === undefined ? undefined : readModelNote(await blobs.get(request.replyRef));
    const changed =
      files.length === 0
        ? 'Nothing is changed yet.'
        : `${files.length} file(s) are changed and committed; files are shown with the changes in them.`;
    const noteRef = await blobs.put(
      noteText({
        version: 1,
        goal: request.spec.title,
        done: own === undefined ? changed : `${changed} ${own.done}`,
        failing: await failingText(request.feedback, blobs),
        files,
        decisions: [
          `handed over because: ${request.reason}`,
          ...(own?.decisions ?? lookedAt(request.looks ?? [])),
        ],
        next: own?.next ?? nextStep(last, files.length, request.spec.output === 'report'),
      }),
    );
    return { noteRef, head };
  };

/** Without a word of the model's: at least what it need not run again to know that it was run. */
const lookedAt = (looks: readonly Look[]): readonly string[] =>
  looks.length === 0
    ? []
    : [`commands that were run: ${looks.map(({ command }) => oneLine(command, 60)).join('; ')}`];

/** A refusal must not push out which test is red: both in a line, then the text of what is red, or else of the refusal. */
const failingText = async (feedback: readonly Feedback[], blobs: Blobs): Promise<string> => {
  const last = feedback.at(-1);
  if (last === undefined) return '';
  const red = feedback.findLast(isRed) ?? last;
  const lines = red === last ? [last.summary] : [last.summary, red.summary];
  return [...lines, red.ref === '' ? '' : await blobs.get(red.ref)].filter(Boolean).join('\n');
};

const tipOf = async (repo: string, request: WriteNote): Promise<string> => {
  const branch = gitRef.bead(request.bead);
  const tip = (await readRefs(repo, [branch])).get(branch);
  if (tip !== undefined) return tip;
  throw fail('WorktreeLost', {
    what: `The branch of ${beadKey(request.bead)} is gone.`,
    evidence: `${branch} in ${repo}`,
    next: 'Resume the bead: it then begins at the tip of the target.',
  });
};

/** `3 1 path` of git's numstat as `path +3 -1`. */
const statLine = (line: string): string => {
  const [added, removed, path] = line.split('\t');
  return `${oneLine(path ?? '', 200)} +${added} -${removed}`;
};

const nextStep = (last: Feedback | undefined, files: number, reports: boolean): string => {
  if (reports && last?.kind === 'looked') return 'Enough was looked at: write the report.';
  if (last === undefined)
    return files === 0 ? 'Begin with the task.' : 'Go on with the task; the checks have not run on this yet.';
  return steps[last.kind];
};

const steps: Readonly<Record<Feedback['kind'], string>> = {
  malformed: 'The last reply was not applied: send it again in the accepted form.',
  unsafe: 'The last reply was refused: do the task without what was refused.',
  unchanged: 'The last reply changed nothing: change what the task asks for.',
  gates: 'Repair what the checks report.',
  conflict: 'The work conflicts with the new state of the target: do it again on the files as they are now.',
  refinery: 'Repair what failed when the work was tested for landing.',
  length: 'The last reply was too long and was cut: make it shorter.',
  review: 'Answer what the reviewer found, by changing it.',
  looked: 'Enough was looked at: reply with the changed files.',
};
