import { createInterface } from 'node:readline/promises';
import type { Client } from '@temporalio/client';
import type { TownConfig } from '../../deploy/config/index.ts';
import { taskBlobs } from '../../deploy/town/taskBlobs.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { PlanDraft } from '../../workflows/domain/plan/planning.ts';
import { type ApprovedPlan, approvePlan, rejectPlan, revisePlan } from '../../workflows/messages.ts';
import { printLines } from '../answer.ts';
import { within } from '../ask.ts';
import { planBody } from '../render/planPage.ts';
import { terminalOf } from '../render/terminal.ts';
import { type DraftedPlan, draftedPlan } from './draftedPlan.ts';
import { editPlan, faultLines } from './editPlan.ts';
import { planOf } from './planEpic.ts';

/** Carrying a decision out takes git and blobs. */
const decisionMs = 120_000;

const handleOf = (client: Client, convoy: string) => client.workflow.getHandle(workflowId.plan(convoy));

export const approve = (client: Client, convoy: string): Promise<ApprovedPlan> =>
  within(client, () => handleOf(client, convoy).executeUpdate(approvePlan, { args: [{}] }), decisionMs);

export const reject = (client: Client, convoy: string, reason: string): Promise<string> =>
  within(
    client,
    () => handleOf(client, convoy).executeUpdate(rejectPlan, { args: [{ reason }] }),
    decisionMs,
  );

/** Puts an edited text in the place of the plan that waits. */
export const revise = async (
  client: Client,
  config: TownConfig,
  convoy: string,
  text: string,
): Promise<PlanDraft> => {
  const edited = await taskBlobs(config.home).put(text);
  return within(
    client,
    () => handleOf(client, convoy).executeUpdate(revisePlan, { args: [{ edited }] }),
    decisionMs,
  );
};

export type Decision =
  | { readonly kind: 'approved'; readonly approved: ApprovedPlan }
  | { readonly kind: 'rejected' }
  /** It stays as it is; `interrupted` by Ctrl-C or the end of input. */
  | { readonly kind: 'left'; readonly interrupted: boolean };

/** Whether a person is there to decide. */
export const isAsked = (json: boolean): boolean =>
  !json && process.stdin.isTTY === true && process.stdout.isTTY === true;

/** Shows a plan that waits and asks until there is a decision. Ctrl-C, Ctrl-D and `l` leave it waiting. */
export const decidePlan = async (
  client: Client,
  config: TownConfig,
  first: DraftedPlan,
): Promise<Decision> => {
  const { convoy } = first.status;
  const terminal = terminalOf(process.stdout);
  let drafted = first;
  printLines(planBody(drafted, terminal));
  for (;;) {
    switch (await ask('[a]pprove, [e]dit, [r]eject, [l]eave it waiting? ')) {
      case 'a':
        return { kind: 'approved', approved: await approve(client, convoy) };
      case 'r':
        await reject(client, convoy, 'rejected at the terminal');
        return { kind: 'rejected' };
      case 'l':
        return { kind: 'left', interrupted: false };
      case gone:
        return { kind: 'left', interrupted: true };
      case 'e': {
        const text = await edited(config, convoy, drafted.text ?? '');
        if (text === undefined) break;
        await revise(client, config, convoy, text);
        const status = await planOf(client, convoy);
        if (status !== undefined) drafted = await draftedPlan(config, status);
        printLines(planBody(drafted, terminal));
        break;
      }
      default:
        printLines(['Please answer a, e, r or l.']);
    }
  }
};

/** Edits until the plan is sound or the person gives up. Undefined when nothing changed. */
const edited = async (config: TownConfig, convoy: string, before: string): Promise<string | undefined> => {
  let text = before;
  for (;;) {
    const result = await editPlan(config, convoy, text);
    if (result.fault === undefined) return result.text === before ? undefined : result.text;
    printLines(faultLines(result.fault));
    if ((await ask('[e]dit it again, or [d]rop the changes? ')) !== 'e') return;
    text = result.text;
  }
};

/** Nobody answers any more: Ctrl-C, Ctrl-D, a terminal that was closed. */
const gone = 'gone';

/** The first letter of the answer. */
const ask = async (question: string): Promise<string> => {
  const lines = createInterface({ input: process.stdin, output: process.stdout, terminal: true });
  try {
    const left = new Promise<typeof gone>((resolve) => {
      lines.once('SIGINT', () => resolve(gone)).once('close', () => resolve(gone));
    });
    const answer = await Promise.race([lines.question(question), left]);
    if (answer !== gone) return answer.trim().toLowerCase().slice(0, 1);
    printLines(['']);
    return gone;
  } finally {
    lines.close();
  }
};
