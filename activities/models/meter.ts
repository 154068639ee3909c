import { activityInfo, heartbeat } from '@temporalio/activity';
import { type Price, priced } from '../../workflows/domain/budget/money.ts';
import { addUsage, noUsage, type Usage } from '../../workflows/domain/host/model.ts';

/** What a call has spent, as its heartbeats say it. */
export interface Meter<Progress> {
  /** By attempts before this one, whose processes were lost (G7). */
  readonly lost: Usage;
  own(): Usage;
  progress(): Progress;
  spend(usage: Usage): void;
  stop(): void;
}

/** Counts what this activity spends, and beats: by a timer while the server is silent, and with the tokens that come. */
export const startMeter = <Progress>(
  progressOf: (usage: Usage) => Progress,
  price?: Price,
): Meter<Progress> => {
  const info = activityInfo();
  const lost = usageIn(info.heartbeatDetails);
  const everyMs = Math.min((info.heartbeatTimeoutMs ?? 3_000) / 3, 1_000);
  let own: Usage = noUsage;
  let beaten = 0;
  const progress = (): Progress => progressOf(addUsage(lost, own));
  const beat = (): void => {
    beaten = performance.now();
    heartbeat(progress());
  };
  const timer = setInterval(beat, everyMs);
  beat();
  return {
    lost,
    own: () => own,
    progress,
    spend: (usage) => {
      const began = own.calls === 0;
      own = priced(usage, price);
      // Not on every token: a fast model brings a hundred a second.
      if (began || performance.now() - beaten > everyMs / 4) beat();
    },
    stop: () => {
      // The last count must be what the next attempt finds.
      beat();
      clearInterval(timer);
    },
  };
};

const usageIn = (details: unknown): Usage => {
  if (typeof details !== 'object' || details === null || !('usage' in details)) return noUsage;
  return { ...noUsage, ...(details.usage as Partial<Usage>) };
};
