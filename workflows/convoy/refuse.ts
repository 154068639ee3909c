import {
  ApplicationFailure,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { unfitInput } from '../domain/convoyShape.ts';
import { failureText } from '../domain/failure.ts';
import { workflowId } from '../domain/naming.ts';
import { convoyMarkdown } from '../domain/report/board.ts';
import type { ConvoyStatus } from '../domain/report/report.ts';
import { oneLine } from '../domain/text.ts';
import { convoyStatus, mail } from '../messages.ts';

/** Ends a convoy whose input is unfit, where people look: in its status, in the mailbox and in its result (G10). */
export const refuseInput = async (fault: string): Promise<never> => {
  const id = workflowInfo().workflowId;
  // By its id: what its input says of itself is not to be believed.
  const convoy = oneLine(id.startsWith('convoy/') ? id.slice('convoy/'.length) : id, 60);
  const failure = unfitInput(convoy, fault);
  const status: ConvoyStatus = {
    convoy,
    title: 'not started',
    planHash: '',
    state: 'failed',
    rigs: [],
    epics: [],
    tokens: { granted: undefined, spent: 0 },
    failure,
  };
  setHandler(convoyStatus, () => status);
  setCurrentDetails(convoyMarkdown(status));
  await getExternalWorkflowHandle(workflowId.town)
    .signal(mail, { about: convoy, failure })
    .catch(() => undefined); // a town that was ended by hand has no mailbox
  throw ApplicationFailure.create({
    type: failure.type,
    message: failureText(failure),
    nonRetryable: true,
    details: [failure],
  });
};
