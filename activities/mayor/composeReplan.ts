import { counted } from '../../workflows/domain/amounts.ts';
import { beadBranch, gitRef } from '../../workflows/domain/naming.ts';
import { mayShow } from '../../workflows/domain/plan/planning.ts';
import { mostReplanBeads } from '../../workflows/domain/plan/replan.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import type { ComposeReplan, PlanRigPort } from '../../workflows/ports.ts';
import { git } from '../git/run.ts';
import { storeProposals } from '../polecat/proposals.ts';
import type { Rig } from '../rig/index.ts';
import { forbidden } from './composePlanPrompt.ts';
import type { MayorDeps } from './deps.ts';

/** What the mayor is asked when polecats could not do a bead, and what becomes of its answer. */
export const createReplanning = (
  deps: MayorDeps,
  rigOf: (name: string) => Rig,
): Pick<PlanRigPort, 'composeReplan' | 'readProposals'> => ({
  async composeReplan(request) {
    const rig = rigOf(request.rig);
    const what = mayShow(request.mayor, rig.settings.cloud);
    if (what === undefined) throw forbidden(rig.settings.name, request.mayor);
    const task = await deps.blobs.get(request.taskRef);
    const changes = await changesOf(rig, request);
    return { epicRef: await deps.blobs.put(prose(request, task, changes, what === 'files')) };
  },

  async readProposals({ convoy, planRef }) {
    const read = deps.plans.read(await deps.blobs.get(planRef), `${convoy}.yaml`);
    if ('faults' in read) return [];
    const beads = read.beads.slice(0, mostReplanBeads);
    const titleOf = (id: string): string => beads.find((one) => one.id === id)?.title ?? id;
    return storeProposals(
      beads.map(({ title, task, needs, files }) => ({
        title,
        // Proposals are accepted one by one and know of no order but this.
        task:
          needs.length === 0
            ? task
            : `${task.trimEnd()}\n\nTo be done after: ${needs.map(titleOf).join('; ')}.\n`,
        files,
      })),
      deps.blobs,
    );
  },
});

/** Gate output holds lines of files: it goes only where files may go. */
const prose = (
  { title, failure, others }: ComposeReplan,
  task: string,
  changes: string,
  withEvidence: boolean,
): string =>
  [
    `A coding model could not do the task below, and its bead is blocked. Plan what is to be done instead of it: split it into smaller beads, say it more precisely, or put first what it lacks. At most ${counted(mostReplanBeads, 'bead')}, and one is enough where the words were the trouble. Each task must stand for itself: whoever does it has not read this text. Do not plan again what other beads of the list do.`,
    section(`The task: ${oneLine(title, 200)}`, plainLines(task)),
    section('Why it stopped', [failure.type, failure.what, withEvidence ? failure.evidence : ''].join('\n')),
    section('Files that its last try changed; nothing of it has landed', changes),
    section(
      'The other beads of the epic',
      others.map(({ bead, title: name, state }) => `- ${bead} (${state}): ${oneLine(name, 200)}`).join('\n'),
    ),
  ]
    .filter((part) => part !== '')
    .join('\n\n');

const section = (title: string, text: string): string =>
  text.trim() === '' ? '' : `## ${title}\n\n${plainLines(text).trim()}`;

const mostLines = 40;

/** The newest kept work of the bead, as git sums it up: names and counts. */
const changesOf = async ({ repo, signal }: Rig, { ref, target }: ComposeReplan): Promise<string> => {
  const options = { cwd: repo, signal, okExitCodes: [0, 1, 128] };
  const places = [`${gitRef.kept(ref, '')}`, `refs/heads/${beadBranch(ref)}`];
  const newest = ['for-each-ref', '--count=1', '--sort=-committerdate', '--format=%(objectname)', ...places];
  const head = (await git(newest, options)).stdout.trim();
  if (head === '') return '';
  const base = (await git(['merge-base', head, gitRef.target(target)], options)).stdout.trim();
  if (base === '') return '';
  const diff = ['diff', '--stat=100', '--no-color', '--no-ext-diff', '--no-textconv', base, head, '--'];
  const lines = (await git(diff, options)).stdout.trimEnd().split('\n');
  return lines.length <= mostLines
    ? lines.join('\n')
    : [...lines.slice(0, mostLines - 1), '…', lines.at(-1)].join('\n');
};
