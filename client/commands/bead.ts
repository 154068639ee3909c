import type { Command } from 'commander';
import { taskBlobs } from '../../deploy/town/taskBlobs.ts';
import { beadKey, workflowId } from '../../workflows/domain/naming.ts';
import type { BeadStatus, EpicStatus } from '../../workflows/domain/report.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { type ExitCode, exitCode } from '../exitCodes.ts';
import type { Reached } from '../reach.ts';
import { beadLinePage, beadPage } from '../render/beadPage.ts';
import { transcriptLines } from '../render/transcript.ts';
import { handleOf, readTarget, type Target } from '../targets.ts';
import { readTranscript } from '../transcript.ts';
import { ClientError, isNotFound } from '../trouble.ts';

export const addBead = (program: Command): void => {
  const bead = program
    .command('bead')
    .summary('look at one bead')
    .description(
      'A bead is one task: small enough for one polecat (worker agent), one branch and one landing.',
    );
  bead
    .command('show')
    .argument('<bead>', 'CONVOY/EPIC/BEAD')
    .summary('all that the town knows of a bead')
    .description(
      'Shows state, cost and caps of a bead, and what it waits for or why it is blocked (then exits with 1).',
    )
    .addHelpText('after', '\nExample:\n  gt bead show demo/core/parser')
    .action(answering(show));
  bead
    .command('log')
    .argument('<bead>', 'CONVOY/EPIC/BEAD')
    .summary('the calls of a bead, turn by turn')
    .description('Shows every model call of a bead, failed ones too. Works while the town is closed.')
    .option('--full', 'with prompts and replies')
    .option('--turn <n>', 'only this turn', Number)
    .addHelpText(
      'after',
      '\nExamples:\n  gt bead log demo/core/parser\n  gt bead log demo/core/parser --turn 2 --full',
    )
    .action(answering(log));
};

const show = async (call: Call<object>, name: string): Promise<Answer> => {
  const target = readTarget(name, ['bead']);
  const town = await call.town();
  try {
    const status = await within(town.client, () =>
      handleOf(town.client, target).query<BeadStatus>('beadStatus'),
    );
    return { data: status, lines: (terminal) => beadPage(status, terminal), code: codeOf(status.state) };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return await showWaiting(town, target);
  }
};

/** A bead whose needs have not landed has no workflow yet; its epic knows it. */
const showWaiting = async (
  { client }: Reached,
  target: Extract<Target, { kind: 'bead' }>,
): Promise<Answer> => {
  const handle = client.workflow.getHandle(workflowId.epic(target.convoy, target.epic));
  const epic = await within(client, () => handle.query<EpicStatus>('epicStatus'));
  const line = epic.beads.find(({ bead }) => bead === target.bead);
  if (line === undefined) throw unknownBead(target.name, epic);
  return { data: line, lines: (terminal) => beadLinePage(line, terminal), code: codeOf(line.state) };
};

const codeOf = (state: string): ExitCode =>
  ['blocked', 'cancelled', 'held'].includes(state) ? exitCode.failed : exitCode.ok;

interface LogOptions {
  readonly full?: boolean;
  readonly turn?: number;
}

const log = async (call: Call<LogOptions>, name: string): Promise<Answer> => {
  const target = readTarget(name, ['bead']);
  const { options } = call;
  const { home } = await call.place();
  const all = await readTranscript(home, beadKey(target));
  const turns = options.turn === undefined ? all : all.filter(({ turn }) => turn === options.turn);
  const blobs = taskBlobs(home);
  const texts = new Map<string, string>();
  for (const ref of options.full ? turns.flatMap(({ promptRef, replyRef }) => [promptRef, replyRef]) : []) {
    if (ref !== undefined)
      texts.set(ref, (await blobs.get(ref)) ?? '(this text is not in the home any more)');
  }
  return {
    data: turns,
    meta: { count: turns.length, home, ...(options.full ? { texts: Object.fromEntries(texts) } : {}) },
    lines: (terminal) =>
      turns.length === 0
        ? [
            `No model call of ${target.name} is recorded: it has made none yet, or there is no such bead (task).`,
          ]
        : transcriptLines(turns, texts, terminal),
  };
};

const unknownBead = (name: string, epic: EpicStatus): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'NotFound',
    what: `There is no bead ${name}.`,
    evidence: `its epic has: ${epic.beads.map(({ bead }) => bead).join(', ')}`,
    next: `See the board with \`gt convoy status ${epic.convoy}\`.`,
  });
