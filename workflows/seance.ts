import type { PlanInput } from './domain/plan/planning.ts';
import { type SeanceInput, type SeanceResult, seanceCalls } from './domain/seance.ts';
import { askMayor } from './plan/ask.ts';
import { newPlanDesk } from './plan/desk.ts';
import { seanceActivities } from './proxies.ts';

/** One question about a bead, answered by a model from the transcript. Asked and charged as a mayor of the town's own hosts is (G7, G8). */
export async function seance(input: SeanceInput): Promise<SeanceResult> {
  const { ref, questionRef, medium, settings, number } = input;
  const asked: PlanInput = {
    ...{ convoy: ref.convoy, rig: '', title: 'seance', epicRef: questionRef, epicFile: '' },
    ...{ mayor: medium, approved: false, settings, calls: seanceCalls(ref) },
  };
  const desk = newPlanDesk(asked);
  const prompt = await seanceActivities(settings.pace).composeSeance({
    ref,
    questionRef,
    model: medium.model,
  });
  desk.replyTokens = prompt.replyTokens;
  desk.turns = number;
  const { replyRef, finish, usage } = await askMayor(desk, prompt);
  return { replyRef, finish, model: medium.model, usage };
}
