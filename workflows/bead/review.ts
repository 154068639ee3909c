import { keptReview, reviewed } from '../domain/bead/beadOutcome.ts';
import { capMet } from '../domain/bead/limit.ts';
import { needsReview, type ReviewSettings, type Unseen } from '../domain/bead/review.ts';
import { ask } from './ask.ts';
import type { Polecat } from './polecat.ts';

/**
 * A second opinion on what is about to be submitted. Gates were green before and run again when it lands: a reviewer can send
 * work back, within its rounds, and approve nothing. One that says nothing usable holds nobody up.
 * `again`: the bead looks first at what has come instead of submitting.
 */
export const review = async (polecat: Polecat): Promise<'passed' | 'again'> => {
  const { input, life, rig, inbox } = polecat;
  const settings = input.craft?.review;
  if (settings === undefined || !needsReview(settings, life.reviewed)) return 'passed';
  // At the cap no call is made; the gates have had their say (G7).
  if (capMet(life) !== undefined) {
    const unseen = 'the bead has used up what it may spend';
    polecat.life = { ...life, reviewed: { rounds: 0, ...life.reviewed, unseen } };
    return 'passed';
  }
  polecat.enter('reviewing');
  const reply = await replyOf(polecat, settings);
  if (reply === 'interrupted') return 'again';
  if (inbox.shutdown !== undefined) {
    // Paid for: whoever goes on with the bead reads it, and does not ask again (G7).
    if ('replyRef' in reply) polecat.life = keptReview(polecat.life, reply.replyRef);
    return 'again';
  }
  const verdict =
    'verdict' in reply
      ? reply
      : await polecat.during(() =>
          rig.readReview.executeWithOptions({ summary: 'what the reviewer says' }, [
            { replyRef: reply.replyRef },
          ]),
        );
  if (verdict === 'interrupted') return 'again';
  polecat.life = reviewed(polecat.life, verdict ?? unseen('the reviewer gave no verdict that can be read'));
  return verdict?.verdict === 'sendBack' ? 'again' : 'passed';
};

/** What the reviewer says of the work as it is, or why it says nothing. */
const replyOf = async (
  polecat: Polecat,
  { reviewer }: ReviewSettings,
): Promise<{ readonly replyRef: string } | Unseen | 'interrupted'> => {
  const { input, life, place, rig } = polecat;
  const { base = '', head = '', reviewed: before } = life;
  if (before?.kept?.head === head) return before.kept;
  const prompt = await polecat.during(() =>
    rig.composeReview.executeWithOptions({ summary: `review by ${reviewer.model}` }, [
      { ...place, spec: input.spec, model: reviewer.model, base, head, rounds: before?.rounds ?? 0 },
    ]),
  );
  if (prompt === 'interrupted') return prompt;
  // A change that no prompt of the reviewer's can hold is the gates' alone to judge.
  if (prompt === null) return unseen(`the change does not fit into the context of ${reviewer.model}`);
  const reply = await ask(polecat, reviewer, prompt, 'reviewer');
  return reply ?? unseen(`${reviewer.model} did not answer`);
};

const unseen = (why: string): Unseen => ({ verdict: 'unseen', why });
