import { CancellationScope } from '@temporalio/workflow';
import type { Note } from '../domain/mail/message.ts';
import { mostPlanTurns, type PlanDraft, type PlanInput } from '../domain/plan/planning.ts';
import type { CallOwner } from '../proxies.ts';
import { planActivities } from '../proxies.ts';
import { askMayor } from './ask.ts';
import type { PlanDesk } from './desk.ts';
import { planFailed, unusable } from './end.ts';
import { giveNotesBack, notesForMayor } from './notes.ts';

/** The activities that read the rig for a plan. */
export const planning = ({ rig, convoy, settings }: PlanInput) => {
  const owner: CallOwner = { rig, place: settings.place, convoy };
  return planActivities(owner, settings.pace);
};

/** Reads the rig, asks the mayor, checks the reply; one repair turn, then a person has to look. */
export const draftPlan = async (desk: PlanDesk): Promise<PlanDraft> => {
  const notes = await notesForMayor(desk.input);
  try {
    return await drafted(desk, notes);
  } catch (error) {
    if (notes.length > 0) await CancellationScope.nonCancellable(giveNotesBack);
    throw error;
  }
};

const drafted = async (desk: PlanDesk, notes: readonly Note[]): Promise<PlanDraft> => {
  const { convoy, rig, title, epicRef, mayor } = desk.input;
  const rigCalls = planning(desk.input);
  desk.step = 'reading';
  const composed = await rigCalls.composePlanPrompt({
    ...{ convoy, rig, title, epicRef, mayor },
    ...(notes.length === 0 ? {} : { notes }),
  });
  desk.shown = composed.shown;
  desk.replyTokens = composed.replyTokens;
  const { commit } = composed.shown;
  for (let prompt: { promptRef: string; estimatedTokens: number } = composed; ; ) {
    desk.turns++;
    const { replyRef, finish } = await askMayor(desk, prompt);
    desk.step = 'checking';
    const { promptRef } = prompt;
    const read = await rigCalls.readPlan({
      ...{ convoy, rig, title, commit, mayor, promptRef, replyRef, finish },
      ...(desk.input.replans === undefined ? {} : { unsaved: true as const }),
    });
    if (read.outcome === 'plan') return read.draft;
    if (desk.turns >= mostPlanTurns || read.repair === undefined) {
      throw planFailed(
        desk,
        unusable(
          `The mayor made no usable plan in ${desk.turns} turns.`,
          read.faults,
          `Read what it wrote with gt bead log ${convoy}/plan/mayor --full; write the epic more plainly or name another model as roles.mayor, then launch it again. Or write the plan yourself.`,
        ),
      );
    }
    desk.repaired = read.faults;
    prompt = read.repair;
  }
};
