import { cancellationSignal, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ConvoyReport } from '../../workflows/domain/report/convoyReport.ts';
import type { NotifyPort } from '../../workflows/ports.ts';
import { postWebhook, runCommand } from './channels.ts';
import { writeMessage } from './message.ts';
import type { Receipts } from './receipts.ts';

export interface NotifyDeps {
  readonly command: string | undefined;
  readonly webhookEnv: string | undefined;
  readonly receipts: Receipts;
  readonly readReport: (convoy: string) => Promise<ConvoyReport>;
}

/** Tells a person by command and webhook. One channel that fails does not keep the other from being tried. */
export const createNotify = (deps: NotifyDeps): NotifyPort => ({
  async notify(request) {
    const { command, webhookEnv, receipts } = deps;
    const signal = cancellationSignal();
    const message = writeMessage(request, await reportOf(deps, request.convoy));
    const once = async (channel: string, send: (key: string) => Promise<void>): Promise<void> => {
      const key = receipts.nameOf(request.id, channel);
      if (await receipts.has(key)) return;
      await send(key);
      await receipts.keep(key);
    };
    const tries = await Promise.allSettled([
      command === undefined ? undefined : once('command', () => runCommand(command, message, signal)),
      webhookEnv === undefined
        ? undefined
        : once('webhook', (key) => postWebhook(webhookEnv, message, key, signal)),
    ]);
    const failed = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    // As long as one of them may still get through, it is tried.
    if (failed.length > 0) throw failed.find(mayPass) ?? failed[0];
  },
});

/** A convoy that cannot be asked is no reason to say nothing. */
const reportOf = async (deps: NotifyDeps, convoy: string | undefined): Promise<ConvoyReport | undefined> => {
  if (convoy === undefined) return;
  return deps.readReport(convoy).catch((error: unknown) => {
    log.warn('report not read', { convoy, error: String(error) });
    return undefined;
  });
};

const mayPass = (error: unknown): boolean =>
  !(error instanceof ApplicationFailure && error.nonRetryable === true);
