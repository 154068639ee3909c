import { patched } from '@temporalio/workflow';
import { applied, charge, proposed, refused, startTurn } from '../domain/beadLife.ts';
import { claimAnswer, insists } from '../domain/claim.ts';
import { blocked } from './end.ts';
import { gateReport } from './gates.ts';
import { inferReply } from './inference.ts';
import type { Polecat } from './polecat.ts';

/** One turn: compose the prompt, have it answered, apply the reply. Returns early when `shutdown now` interrupts. */
export const takeTurn = async (polecat: Polecat): Promise<'nothingToChange' | undefined> => {
  const { input, place, rig } = polecat;
  const { base = '', head = '' } = polecat.life;
  polecat.life = startTurn(polecat.life);
  const { turn, conversation, feedback, noteRef } = polecat.life;
  const { model } = polecat.model();

  polecat.enter('composing');
  const prompt = await polecat.during(() =>
    rig.composePrompt.executeWithOptions({ summary: `prompt of turn ${turn}` }, [
      { ...place, spec: input.spec, model, base, head, conversation, turn, feedback, noteRef },
    ]),
  );
  if (prompt === 'interrupted') return;

  polecat.enter('inferring');
  const reply = await inferReply(polecat, prompt);
  if (reply === undefined) return;
  polecat.life = charge(polecat.life, reply.usage);

  polecat.enter('applying');
  const result = await polecat.during(() =>
    rig.applyReply.executeWithOptions({ summary: `reply of turn ${turn}` }, [
      {
        ...place,
        spec: input.spec,
        replyRef: reply.replyRef,
        head,
        base,
        polecat: input.polecat,
        model,
        turn,
      },
    ]),
  );
  if (result === 'interrupted') return;
  if (result.outcome !== 'refused') polecat.life = proposed(polecat.life, result.proposals);
  switch (result.outcome) {
    case 'applied':
      polecat.life = applied(polecat.life, result.head);
      polecat.reply = reply.replyRef;
      return;
    case 'refused':
      polecat.life = refused(polecat.life, result.feedback, reply.replyRef);
      return;
    case 'nothingToChange':
      return nothingToChange(polecat, reply.replyRef);
  }
};

/** A claim is only a request for a gate run (G3): a gate that the bead itself names must pass on the target. */
const nothingToChange = async (
  polecat: Polecat,
  replyRef: string,
): Promise<'nothingToChange' | undefined> => {
  const { life, input } = polecat;
  if (life.head !== life.base) {
    // There is work on the branch: what the model means is that it has finished.
    polecat.life = applied(life, life.head ?? '');
    return;
  }
  const answer = claimAnswer(input.spec.gates.length > 0);
  if (!insists(life.feedback, answer) && patched('claims-are-answered')) {
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
