import { kindOf, stageId } from './beadReport.ts';
import type { HostFacts, ModelFacts } from './facts.ts';
import type { FleetHost, RunningCall } from './fleet.ts';
import { isAway, type KnownFleet, type Steering } from './known.ts';
import { paceOf } from './lessons.ts';
import type { Picture } from './picture.ts';
import { lateAgain } from './stagesToCome.ts';

/** A host as it stands by its last word, and what a person asked of it. */
export const hostNow = (
  { known, now }: Pick<Picture, 'known' | 'now'>,
  facts: HostFacts,
  models: readonly ModelFacts[],
): FleetHost => {
  const told = known.hosts[facts.host];
  const steering = known.steering[facts.host] ?? {};
  if (told === undefined) return { ...facts, resident: [], since: 0, running: [], away: true };
  const { report } = told;
  return {
    ...facts,
    pace: pacesOf(known, facts),
    resident: report.open,
    since: report.since,
    running: report.running.map(
      (call): RunningCall => ({
        model: call.model,
        stage: call.bead === '' ? undefined : stageId(call.bead, kindOf(call)),
        since: call.since,
      }),
    ),
    ...(report.swap === undefined
      ? {}
      : {
          swap: {
            to: report.swap.to,
            endsAt: lateAgain(now, report.swap.since + swapMs(report.swap.to, models)),
          },
        }),
    ...steeredTo(steering, now),
    ...(isAway(told) ? { away: true } : {}),
    refused: report.refused,
  };
};

const pacesOf = ({ lessons }: KnownFleet, { host, serves }: HostFacts): Record<string, number> =>
  Object.fromEntries(
    serves.flatMap((model) => {
      const pace = paceOf(lessons, model, host);
      return pace === undefined ? [] : [[model, pace] as const];
    }),
  );

const swapMs = (to: readonly string[], models: readonly ModelFacts[]): number =>
  models
    .filter(({ key }) => to.includes(key))
    .reduce((sum, { loadMs, unloadMs }) => sum + loadMs + unloadMs, 0);

const steeredTo = ({ pinned, drained, asked }: Steering, now: number) => {
  const wanted = pinned ?? (asked !== undefined && asked.until > now ? asked.models : undefined);
  return { ...(wanted === undefined ? {} : { pinned: wanted }), ...(drained ? { drained } : {}) };
};
