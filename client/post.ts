import { isSettled } from '../workflows/domain/bead/bead.ts';
import type { Told } from '../workflows/domain/bead/told.ts';
import { overseer } from '../workflows/domain/mail/addressee.ts';
import type { Letter } from '../workflows/domain/mail/mailbox.ts';
import { workflowId } from '../workflows/domain/naming.ts';
import type { BeadStatus, EpicStatus } from '../workflows/domain/report/report.ts';
import { nudge, type SentMessage, sendMessage } from '../workflows/messages.ts';
import type { Answer } from './answer.ts';
import { askMaybe, within } from './ask.ts';
import { exitCode } from './exitCodes.ts';
import type { Reached } from './reach.ts';
import { type BeadTarget, handleOf } from './targets.ts';
import { ClientError, isNotFound } from './trouble.ts';
import { missingIn } from './unknownName.ts';

/** Puts a message into the town's mailbox; the update's own id makes a repeat harmless. */
export const sendLetter = async ({ client }: Reached, message: SentMessage): Promise<Answer> => {
  const letter: Letter = await within(client, () =>
    client.workflow
      .getHandle(workflowId.town)
      .executeUpdate(sendMessage, { updateId: message.id, args: [message] }),
  );
  return { data: letter, lines: () => [saidOf(letter)] };
};

const saidOf = ({ id, to = overseer }: Letter): string => {
  if (to === overseer) return `Letter ${id} is in the inbox: gt inbox`;
  if (to.startsWith('crew/')) return `Letter ${id} is for ${to}: gt inbox --crew ${to.slice('crew/'.length)}`;
  const plan = to === 'mayor' ? 'the next plan' : `the next plan for ${to.slice('mayor/'.length)}`;
  return `The mayor (a model that plans) reads it with ${plan}. To take it back: gt inbox clear ${id}`;
};

/** Tells the polecat of a bead. Throws for one that has ended, or has not begun: nobody would hear it. */
export const sendNudge = async ({ client }: Reached, bead: BeadTarget, word: Told): Promise<Answer> => {
  const state = await stateOf(client, bead);
  if (state === 'pending' || state === 'held') throw notBegun(bead);
  if (state !== 'working' && isSettled(state)) throw ended(bead, state);
  await within(client, () => handleOf(client, bead).signal(nudge, word)).catch(async (error: unknown) => {
    // It has ended since we looked.
    throw isNotFound(error) ? ended(bead, await stateOf(client, bead)) : error;
  });
  const when = state === 'parked' ? `when it goes on (gt resume ${bead.name})` : 'in the next turn';
  return {
    data: { bead: bead.name, state, ...word },
    lines: () => [`The polecat (worker agent) of ${bead.name} is told ${when}.`],
  };
};

type Client = Reached['client'];

/** Its epic knows one that has not begun; the town's names tell what is not there at all. */
const stateOf = async (client: Client, bead: BeadTarget): Promise<BeadStatus['state'] | 'working'> => {
  const own = await askMaybe<BeadStatus>(client, handleOf(client, bead), 'beadStatus');
  if (own !== undefined) return own.state;
  const epic = client.workflow.getHandle(workflowId.epic(bead.convoy, bead.epic));
  const board = await askMaybe<EpicStatus>(client, epic, 'epicStatus');
  const state = board?.beads.find((one) => one.bead === bead.bead)?.state;
  if (state !== undefined) return state;
  throw (await missingIn(client, bead.id).catch(() => undefined)) ?? notBegun(bead);
};

const ended = ({ name, convoy }: BeadTarget, state: string): ClientError =>
  new ClientError(exitCode.refused, {
    type: 'BeadEnded',
    what: `Nobody works on ${name} any more: it is ${state}.`,
    evidence: '',
    next:
      state === 'landed'
        ? `See what landed with \`gt bead diff ${name}\`. What is still wrong is another bead: \`gt convoy add ${convoy}/EPIC PLAN\`, or a new plan.`
        : `Start it again with \`gt resume ${name}\`, then nudge it; or say it in the task, and launch the plan again. To the one who plans: \`gt send mayor "TEXT"\`.`,
  });

const notBegun = ({ name, convoy }: BeadTarget): ClientError =>
  new ClientError(exitCode.refused, {
    type: 'BeadNotBegun',
    what: `Nobody works on ${name} yet.`,
    evidence: 'it waits for what it needs, or for a free place',
    next: `See when it begins with \`gt convoy status ${convoy}\`, and nudge it then.`,
  });
