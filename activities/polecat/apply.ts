import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { changesGates } from '../../workflows/domain/guard/gateFiles.ts';
import { gitRef } from '../../workflows/domain/naming.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import { isCheckedOut } from '../../workflows/domain/sparse.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { AppliedReply, ApplyReply, Feedback } from '../../workflows/ports.ts';
import { git } from '../git/run.ts';
import { resetWorktree } from '../git/worktree.ts';
import type { Home } from '../home.ts';
import type { Blobs } from '../ledger/blobs.ts';
import { type Concealer, createConcealer } from '../secrets/concealer.ts';
import { branchGone, messageOf, moveBranch } from './beadBranch.ts';
import { commitFiles, type FileChange } from './commitFiles.ts';
import { type Guard, guardOf } from './guard.ts';
import { storeProposals } from './proposals.ts';
import type { Deletion, Edit, Fault, ParsedReply } from './protocol/edit.ts';
import { faultText } from './protocol/feedback.ts';
import { mergeEdits } from './protocol/merge.ts';
import { parseReply } from './protocol/parse.ts';
import { resolveEdit } from './protocol/resolve.ts';
import { type ReadReport, readReport } from './report.ts';
import { limits, modes, pathFault, placeFault, shownPath, worktreeFault } from './safety.ts';
import { leakFaults, withSecrets } from './secretEdits.ts';
import { strayFault } from './strayFile.ts';
import { type CommitView, viewCommit } from './tree.ts';
import { unmasked } from './untrusted.ts';

interface ApplyDeps {
  readonly home: Home;
  readonly blobs: Blobs;
  readonly rigs: ReadonlyMap<string, RigSettings>;
  /** The one of the blobs, which the prompts went through. */
  readonly concealer?: Concealer;
}

/**
 * Turns a reply into one commit on the bead's branch, all or nothing. The commit is made of git objects before any ref or
 * file moves, and is a pure function of the request: killed at any line and repeated, it is the same commit (G5).
 * Replies that cannot be applied, or may not, are a result with feedback, not an error (G3, G9).
 */
export const createApplyReply =
  ({ home, blobs, rigs, concealer = createConcealer() }: ApplyDeps) =>
  async (request: ApplyReply): Promise<AppliedReply> => {
    const refuse = async (faults: readonly Fault[]): Promise<AppliedReply> => ({
      outcome: 'refused',
      feedback: await feedbackOf(faults, blobs),
    });
    const text = unmasked(await blobs.get(request.replyRef));
    if (Buffer.byteLength(text) > limits.replyBytes)
      return refuse([{ kind: 'unsafe', what: `The reply is larger than ${limits.replyBytes} bytes.` }]);
    const reply = parseReply(text);
    const rig = rigs.get(request.rig);
    if (request.spec.output === 'report') {
      const read = readReport(text, request.spec);
      // A report may show commands of its own: it is a look only where it is no report.
      if (reply.command === undefined || read.fault === undefined)
        return reportOf(reply, read, request, { home, blobs });
    }
    const faults = [...reply.faults, ...editFaults(reply.edits, rig)];
    if (faults.length > 0) return refuse(faults);
    const proposals = await storeProposals(reply.proposals, blobs);
    const found = proposals.length === 0 ? {} : { proposals };
    if (reply.command !== undefined) return { outcome: 'look', command: reply.command, ...found };
    if (reply.nothingToChange) return { outcome: 'nothingToChange', ...found };
    const unsure = (reply.unsure ?? []).filter(({ path }) => pathFault(path) === undefined);

    const repo = home.repo(request.rig);
    const worktree = home.worktree(request.rig, request.bead);
    const branch = gitRef.bead(request.bead);
    const paths = [...reply.edits, ...unsure].map(({ path }) => path);
    const view = await viewCommit(repo, request.head, branch, paths);
    // A late repeat must not bring back a bead that was closed.
    if (view.tip === undefined) throw branchGone(request, repo);
    const meant = unsure.filter(({ path }) => view.file(path) !== undefined);
    if (reply.edits.length + meant.length === 0)
      return refuse([nothingMeant(unsure[0] ?? reply.unsure?.[0])]);
    const { edits: merged, faults: twice } = mergeEdits([...reply.edits, ...meant]);
    const late = meant.length === 0 ? [] : [...twice, ...editFaults(merged, rig)];
    if (late.length > 0) return refuse(late);
    const shown = paths.flatMap((path) => view.file(path)?.bytes.toString('utf8') ?? []);
    const { edits, faults: lost } = withSecrets(merged, shown, concealer);
    if (lost.length > 0) return refuse(lost);
    const stray = strayFault(edits, request.spec.files, (path) => view.file(path) !== undefined);
    if (stray !== undefined) return refuse([stray]);
    const guard = await guardOf(edits, repo, request, blobs);
    const { changes, faults: unfit } = await changesOf(edits, view, worktree, { ...request, guard }, rig);
    if (unfit.length > 0) return refuse(unfit);
    const leaks = leakFaults(changes, shown, concealer);
    if (leaks.length > 0) return refuse(leaks);
    if (changes.length === 0 && request.green) return { outcome: 'nothingToChange', ...found };
    if (changes.length === 0) {
      const summary =
        request.head === request.base
          ? 'Your reply leaves the files as they are. Change what the task asks for; if it is done already, say NOTHING TO CHANGE.'
          : 'Your reply leaves the files as they are, and as they are the checks fail. Change something else.';
      return { outcome: 'refused', feedback: { kind: 'unchanged', summary, ref: await blobs.put(summary) } };
    }

    const commit = await commitFiles(repo, {
      parent: request.head,
      seconds: view.seconds + request.turn,
      message: messageOf(request),
      changes,
    });
    const [{ stdout: stat }] = await Promise.all([
      git(['diff-tree', '-r', '--numstat', '--no-renames', request.head, commit], { cwd: repo }),
      moveBranch(repo, request, view.tip, commit).then(() =>
        // The branch, which the worktree has checked out, has moved: bring its files along.
        resetWorktree({
          ...{ repo, path: worktree, branch },
          ...{ caches: rig?.caches ?? [], sparse: rig?.sparse ?? [] },
        }),
      ),
    ]);
    return { outcome: 'applied', head: commit, ...counted(stat), ...found };
  };

const reportOf = async (
  { proposals }: ParsedReply,
  { report, fault }: ReadReport,
  { bead }: ApplyReply,
  { home, blobs }: Pick<ApplyDeps, 'home' | 'blobs'>,
): Promise<AppliedReply> => {
  if (fault !== undefined)
    return { outcome: 'refused', feedback: { kind: 'malformed', summary: fault.what, ref: '' } };
  const reportRef = await blobs.put(report);
  // For people, by the name of the bead; as the blob has it, without secrets.
  await mkdir(dirname(home.report(bead)), { recursive: true });
  await writeFile(home.report(bead), await blobs.get(reportRef));
  return { outcome: 'report', reportRef, proposals: await storeProposals(proposals, blobs) };
};

/** A reply whose only change is a line that may remove a file, and there is no such file. */
const nothingMeant = (line: Deletion | undefined): Fault => ({
  kind: 'malformed',
  what: `The reply changes no file: DELETE names no file that there is${line === undefined ? '' : ` (${line.path})`}. Write a line for each file, with its whole path.`,
  ...(line === undefined ? {} : { line: line.line }),
});

/** What can be said without a look at the repository. */
const editFaults = (edits: readonly Edit[], rig: RigSettings | undefined): Fault[] => {
  const faults: Fault[] = [];
  const unsafe = (edit: Edit, what: string): void => {
    faults.push({ kind: 'unsafe', what: `Refused: ${what}.`, line: edit.line });
  };
  if (edits.length > limits.files)
    return [
      { kind: 'unsafe', what: `The reply changes ${edits.length} files; the most is ${limits.files}.` },
    ];
  for (const edit of edits) {
    const fault = pathFault(edit.path) ?? togetherFault(edit, edits);
    const cache = rig?.caches.find((folder) => edit.path === folder || edit.path.startsWith(`${folder}/`));
    if (fault !== undefined) unsafe(edit, fault);
    else if (cache !== undefined)
      unsafe(edit, `${edit.path} is inside ${cache}, which the rig's set-up makes`);
    // No gate would see it (G2).
    else if (!isCheckedOut(edit.path, rig?.sparse ?? []))
      unsafe(edit, `${edit.path} is outside of the folders that this work is kept to (${kept(rig)})`);
  }
  return faults;
};

const kept = (rig: RigSettings | undefined): string => (rig?.sparse ?? []).join(', ');

/** Two paths of one reply that are one file on some file systems, or a file and a folder at once. */
const togetherFault = (edit: Edit, edits: readonly Edit[]): string | undefined => {
  const mine = foldedPath(edit.path);
  for (const other of edits) {
    if (other === edit || other.kind === 'delete') continue;
    const theirs = foldedPath(other.path);
    if (mine === theirs) return `${edit.path} and ${other.path} are the same file on some systems`;
    if (edit.kind !== 'delete' && theirs.startsWith(`${mine}/`))
      return `${edit.path} would be a file and the folder of ${other.path}`;
  }
  return;
};

const foldedPath = (path: string): string => path.normalize('NFKC').toLowerCase();

const changesOf = async (
  edits: readonly Edit[],
  view: CommitView,
  worktree: string,
  request: ApplyReply & { readonly guard: Guard },
  rig: RigSettings | undefined,
): Promise<{ changes: FileChange[]; faults: Fault[] }> => {
  const changes: FileChange[] = [];
  const faults: Fault[] = [];
  const commands =
    rig === undefined
      ? []
      : [...rig.gates.map(({ run }) => run), rig.setup, rig.format?.run, rig.nearest?.run].filter(
          (line) => line !== undefined,
        );
  for (const edit of edits) {
    if (faults.length >= 10) break;
    const unsafe = (what: string): void => {
      faults.push({ kind: 'unsafe', what: `Refused: ${what}.`, line: edit.line });
    };
    const misplaced = placeFault(edit.path, view.folders) ?? (await worktreeFault(worktree, edit.path));
    if (misplaced !== undefined) {
      unsafe(misplaced);
      continue;
    }
    const file = view.file(edit.path);
    const before = file === undefined ? undefined : textOf(file.bytes);
    if (file !== undefined && before === undefined && edit.kind !== 'delete') {
      unsafe(`${edit.path} is a binary file`);
      continue;
    }
    // Gone by an earlier turn of this bead: who says so again means no more.
    if (edit.kind === 'delete' && file === undefined && edits.length > 1 && request.guard.wasThere(edit.path))
      continue;
    // A binary file may go away; it only has no text to compare.
    const resolved = resolveEdit(edit, file === undefined ? undefined : (before ?? ''));
    if (resolved.fault !== undefined) {
      faults.push(resolved.fault);
      continue;
    }
    const { after } = resolved;
    const bytes = after === undefined ? undefined : Buffer.from(after);
    if (bytes !== undefined && bytes.length > limits.fileBytes)
      unsafe(`${edit.path} would have ${bytes.length} bytes; the most is ${limits.fileBytes}`);
    else if (bytes?.includes(0)) unsafe(`the text of ${edit.path} has a NUL character`);
    else if (bytes === undefined || file === undefined || !bytes.equals(file.bytes)) {
      const gates = request.spec.approvedFiles.includes(edit.path)
        ? undefined
        : changesGates(edit.path, before, after, commands);
      const tests = request.guard.refuses(edit.path, file === undefined ? undefined : (before ?? ''), after);
      if (tests !== undefined) unsafe(tests);
      else if (gates === undefined) changes.push({ path: edit.path, bytes, mode: file?.mode ?? modes.file });
      else
        unsafe(
          `${gates}. Files that define the gates are changed only by beads that list them and that a person approved: do the task without`,
        );
    }
  }
  return { changes, faults };
};

/** The text of a file, undefined when it is not UTF-8 text. */
const textOf = (bytes: Buffer): string | undefined => {
  if (bytes.includes(0)) return;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return;
  }
};

const feedbackOf = async (faults: readonly Fault[], blobs: Blobs): Promise<Feedback> => {
  const kind = faults.some((fault) => fault.kind === 'unsafe') ? 'unsafe' : 'malformed';
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return {
    kind,
    summary: oneLine(shownPath(faults[0]?.what ?? 'The reply was refused.'), 200) + more,
    ref: await blobs.put(faultText(faults)),
  };
};

const counted = (numstat: string): { files: number; added: number; removed: number } => {
  const lines = numstat.split('\n').filter((line) => line !== '');
  const sum = (column: number): number =>
    lines.reduce((total, line) => total + (Number(line.split('\t')[column]) || 0), 0);
  return { files: lines.length, added: sum(0), removed: sum(1) };
};
