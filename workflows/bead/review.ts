import { reviewed } from '../domain/bead/beadOutcome.ts';
import { capMet } from '../domain/bead/limit.ts';
import { needsReview } from '../domain/bead/review.ts';
import { ask } from './ask.ts';
import type { Polecat } from './polecat.ts';

/**
 * A second opinion on what is about to be submitted. Gates were green before and run again when it lands: a reviewer can send
 * work back, within its rounds, and approve nothing. One that says nothing usable holds nobody up.
 * `again`: the bead looks first at what has come instead of submitting.
 */
export const review = async (polecat: Polecat): Promise<'passed' | 'again'> => {
  const { input, life, place, rig, inbox } = polecat;
  const settings = input.craft?.review;
  if (settings === undefined || !needsReview(settings, life.reviewed)) return 'passed';
  // At the cap no call is made; the gates have had their say (G7).
  if (capMet(life) !== undefined) return 'passed';
  const { base = '', head = '' } = life;
  const { reviewer } = settings;
  polecat.enter('reviewing');
  const prompt = await polecat.during(() =>
    rig.composeReview.executeWithOptions({ summary: `review by ${reviewer.model}` }, [
      { ...place, spec: input.spec, model: reviewer.model, base, head, rounds: life.reviewed?.rounds ?? 0 },
    ]),
  );
  if (prompt === 'interrupted') return 'again';
  // A change that no prompt of the reviewer's can hold is the gates' alone to judge.
  const reply = prompt === null ? undefined : await ask(polecat, reviewer, prompt, 'reviewer');
  if (inbox.shutdown !== undefined) return 'again';
  const verdict =
    reply === undefined
      ? null
      : await polecat.during(() =>
          rig.readReview.executeWithOptions({ summary: 'what the reviewer says' }, [
            { replyRef: reply.replyRef },
          ]),
        );
  if (verdict === 'interrupted') return 'again';
  polecat.life = reviewed(polecat.life, verdict ?? { verdict: 'approve' });
  return verdict?.verdict === 'sendBack' ? 'again' : 'passed';
};
