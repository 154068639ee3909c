import { getExternalWorkflowHandle } from '@temporalio/workflow';
import { tellPerson } from '../announce.ts';
import { moneyText } from '../domain/budget/money.ts';
import { type BoardBead, working } from '../domain/epicBoard.ts';
import type { Failure } from '../domain/failure.ts';
import { beadKey, workflowId } from '../domain/naming.ts';
import { epicParked } from '../messages.ts';
import { type EpicDesk, tooLittle } from './desk.ts';

/** Tells the person of a bead that needs them now, not only when its convoy ends. */
export const tellBlocked = async (desk: EpicDesk, { state, spec, failure }: BoardBead): Promise<void> => {
  if (state !== 'blocked' || failure === undefined) return;
  const { convoy, plan } = desk.input;
  desk.troubles++;
  const about = beadKey({ convoy, epic: plan.id, bead: spec.id });
  await tell(desk, `blocked/${spec.id}/${desk.troubles}`, { about, failure });
};

/** Tells the person, once for each budget, that nothing goes on before they raise it. */
export const tellBroke = async (desk: EpicDesk): Promise<void> => {
  const { convoy, plan } = desk.input;
  const { ledger, money, lacks, budget } = desk.purse;
  const whose = budget?.of === 'epic' ? `${convoy}/${plan.id}` : convoy;
  const isMoney = lacks === 'money';
  const granted = (isMoney ? money : ledger).granted ?? 0;
  const said = isMoney ? moneyText(granted, desk.input.settings.currency) : `${granted} tokens`;
  await tell(desk, `broke/${isMoney ? 'money/' : ''}${granted}`, {
    about: `${convoy}/${plan.id}`,
    failure: {
      type: 'BudgetExhausted',
      what: `${sentence(tooLittle(desk.purse, desk.input.settings.currency))}.`,
      evidence: `The epic ${plan.id} was granted ${said} so far.`,
      next: `Let it go on with: gt budget raise ${whose} ${isMoney ? '--money AMOUNT' : 'N'}`,
    },
  });
};

const sentence = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** Tells the person that the disk is nearly full, each time that it becomes so. */
export const tellShort = async (desk: EpicDesk, failure: Failure): Promise<void> => {
  desk.troubles++;
  const { convoy, plan } = desk.input;
  await tell(desk, `room/${plan.id}/${desk.troubles}`, { about: `${convoy}/${plan.id}`, failure });
};

/** Tells the convoy, when a stop asked for it, that nothing of this epic is at work any more. */
export const tellParked = async (desk: EpicDesk): Promise<void> => {
  const { stopping } = desk;
  if (stopping?.tellWhenParked !== true || desk.parkedFor === stopping || working(desk.board) > 0) return;
  desk.parkedFor = stopping;
  await getExternalWorkflowHandle(workflowId.convoy(desk.input.convoy))
    .signal(epicParked, { epic: desk.input.plan.id })
    .catch(() => undefined); // a convoy that was ended by hand waits for nobody
};

const tell = async (
  { input }: EpicDesk,
  name: string,
  one: { readonly about: string; readonly failure: Failure },
): Promise<void> => {
  if (!input.settings.announces) return;
  const { convoy, settings } = input;
  await tellPerson(name, { event: 'needsYou', convoy, about: [one], inMs: settings.pace.gatherMs });
};
