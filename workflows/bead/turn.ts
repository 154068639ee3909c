import { patched } from '@temporalio/workflow';
import { toldSo } from '../domain/bead/beadHandover.ts';
import { charge, proposed, startTurn } from '../domain/bead/beadLife.ts';
import { applied, isSentBackGreen, refused, reported, takeSpare } from '../domain/bead/beadOutcome.ts';
import { claimAnswer, insists } from '../domain/bead/claim.ts';
import type { EditForm } from '../domain/bead/editForm.ts';
import { samplesFor } from '../domain/bead/samples.ts';
import { composeTurn } from './compose.ts';
import { blocked } from './end.ts';
import { gateReport } from './gates.ts';
import { inferReply } from './inference.ts';
import { look } from './look.ts';
import { handOverFull } from './note.ts';
import type { Polecat } from './polecat.ts';

/** What a turn ends the bead with. */
type TurnEnd = 'nothingToChange' | 'reported' | undefined;

/** One turn: compose the prompt, have it answered, apply the reply. Returns early when `shutdown now` interrupts. */
export const takeTurn = async (polecat: Polecat): Promise<TurnEnd> => {
  const spare = takeSpare(polecat.life);
  if (spare !== undefined) {
    polecat.life = spare.life;
    return applyReply(polecat, { replyRef: spare.replyRef, head: spare.head, isSpare: true });
  }
  polecat.life = toldSo(startTurn(polecat.life), polecat.inbox.takeTold());
  let prompt = await composeTurn(polecat);
  if (prompt === 'interrupted') return;
  if (await handOverFull(polecat, prompt)) {
    prompt = await composeTurn(polecat);
    if (prompt === 'interrupted') return;
  }

  polecat.enter('inferring');
  const { head = '', failures } = polecat.life;
  const samples = samplesFor({ most: polecat.input.craft?.samples ?? 1, failures });
  const reply = await inferReply(polecat, prompt, samples);
  if (reply === undefined) return;
  polecat.life = charge(polecat.life, reply.usage);
  if (reply.spareRefs !== undefined)
    polecat.life = { ...polecat.life, spares: { head, replyRefs: reply.spareRefs } };
  // Nothing else shows that a text has no end: changes that were cut do not close their blocks.
  if (reply.finish === 'length' && polecat.input.spec.output === 'report') {
    polecat.life = refused(polecat.life, cutReport, reply.replyRef);
    return;
  }
  const { form } = prompt;
  return applyReply(polecat, { replyRef: reply.replyRef, head, ...(form === undefined ? {} : { form }) });
};

const cutReport = {
  kind: 'length',
  summary:
    'The reply reached the most tokens that it may have, and the report was cut there: make it shorter.',
  ref: '',
} as const;

interface Reply {
  readonly replyRef: string;
  /** What its prompt showed. */
  readonly head: string;
  readonly form?: EditForm;
  /** A further reply to a prompt, which knows nothing of what came of those before it. */
  readonly isSpare?: true;
}

const applyReply = async (polecat: Polecat, { replyRef, head, form, isSpare }: Reply): Promise<TurnEnd> => {
  const { input, place, rig } = polecat;
  const { base = '', head: present, turn } = polecat.life;
  const { model } = polecat.model();
  polecat.enter('applying');
  const result = await polecat.during(() =>
    rig.applyReply.executeWithOptions({ summary: `reply of turn ${turn}` }, [
      {
        ...{ ...place, spec: input.spec, replyRef, head, base, polecat: input.polecat, model, turn },
        ...(form === undefined ? {} : { form }),
        ...(isSpare && present !== undefined && present !== head ? { instead: present } : {}),
        ...(isSentBackGreen(polecat.life) ? { green: true } : {}),
      },
    ]),
  );
  if (result === 'interrupted') return;
  if (result.outcome !== 'refused') polecat.life = proposed(polecat.life, result.proposals);
  switch (result.outcome) {
    case 'applied':
      polecat.life = applied(polecat.life, result.head);
      polecat.reply = replyRef;
      return;
    case 'refused':
      polecat.life = refused(polecat.life, result.feedback, replyRef);
      return;
    case 'look':
      await look(polecat, result.command, replyRef);
      return;
    case 'report':
      polecat.life = reported(polecat.life, result.reportRef);
      return 'reported';
    case 'nothingToChange':
      return nothingToChange(polecat, replyRef, isSpare === true);
  }
};

/** A claim is only a request for a gate run (G3): a gate that the bead itself names must pass on the target. */
const nothingToChange = async (
  polecat: Polecat,
  replyRef: string,
  isSpare: boolean,
): Promise<'nothingToChange' | undefined> => {
  const { life, input } = polecat;
  if (life.head !== life.base) {
    // There is work on the branch: what the model means is that it has finished.
    polecat.life = applied(life, life.head ?? '');
    return;
  }
  const answer = claimAnswer(input.spec.gates.length > 0);
  // A further reply to the same prompt has not heard the answer.
  if ((isSpare || !insists(life.feedback, answer)) && patched('claims-are-answered')) {
    polecat.life = refused(polecat.life, answer, replyRef);
    return;
  }
  const report = input.spec.gates.length === 0 ? undefined : await gateReport(polecat, input.spec.gates);
  if (report === 'interrupted') return;
  if (report?.verdict === 'green') return 'nothingToChange';
  throw blocked(polecat, {
    type: 'ReplanNeeded',
    what: 'The model says that nothing needs to change, and no gate that the bead names shows it.',
    evidence: report === undefined ? 'The bead names no gate of its own.' : report.feedback.summary,
    next: 'Reword the task, or name a gate that proves it done, and launch the plan again.',
  });
};
