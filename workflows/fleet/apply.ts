import { CancellationScope, isCancellation, log } from '@temporalio/workflow';
import type { HostDecision } from '../domain/fleet/fleet.ts';
import { hostLost } from '../domain/fleet/known.ts';
import { followed, ordered } from '../domain/fleet/orders.ts';
import { sameSet } from '../domain/sameSet.ts';
import type { PlannedFleet } from '../ports.ts';
import type { FleetDesk } from './desk.ts';
import { residencyActivities } from './residency.ts';

/**
 * Has every host follow its part of the plan. The activity lasts as long as the plan is in force, so a fleet that ends leaves no
 * order behind: its hosts notice at the next beat and go on by themselves.
 */
export const applyPlan = (desk: FleetDesk, { plan, free, firm = [] }: PlannedFleet): void => {
  const named = new Set(plan.hosts.map(({ host }) => host));
  for (const host of [...desk.inForce.keys()]) if (!named.has(host)) dropPlan(desk, host);
  for (const decision of plan.hosts) {
    const { host, want } = decision;
    const { report, lost } = desk.known.hosts[host] ?? {};
    if (report === undefined || lost || report.away !== undefined) continue;
    const present = desk.inForce.get(host)?.want;
    if (free.includes(host)) {
      dropPlan(desk, host);
      continue;
    }
    if (present !== undefined && sameSet(present, want)) continue;
    follow(desk, { decision, madeAt: plan.at, firm: firm.includes(host) });
  }
  // What was carried over for a host that follows nothing now is over, too.
  keepOrders(desk, (host) => desk.inForce.has(host));
};

/** A plan that nobody follows any more. */
export const dropPlan = (desk: FleetDesk, host: string): void => {
  desk.inForce.get(host)?.scope.cancel();
  desk.inForce.delete(host);
  keepOrders(desk, (other) => other !== host);
};

const keepOrders = (desk: FleetDesk, follows: (host: string) => boolean): void => {
  desk.known = { ...desk.known, orders: followed(desk.known.orders, follows) };
};

interface Order {
  readonly decision: HostDecision;
  readonly madeAt: number;
  /** A person has a say in it. */
  readonly firm: boolean;
}

const follow = (desk: FleetDesk, { decision, madeAt, firm }: Order): void => {
  const { host, want, reason } = decision;
  const { report } = desk.known.hosts[host] ?? {};
  desk.known = { ...desk.known, orders: ordered(desk.known.orders, decision, { at: madeAt, report }) };
  // Cancelled after the next one is on its way, so that the host is never without an order in between.
  const before = desk.inForce.get(host);
  const scope = new CancellationScope();
  const own = { want, scope };
  desk.inForce.set(host, own);
  const summary = `${host}: ${want.join(', ') || 'nothing'} (${reason})`.slice(0, 200);
  scope
    .run(() =>
      residencyActivities(host, desk.pace).followPlan.executeWithOptions({ summary }, [
        { host, want, madeAt, ...(firm ? { firm } : {}) },
      ]),
    )
    .catch((error: unknown) => {
      if (isCancellation(error) || desk.inForce.get(host) !== own) return;
      log.warn('nobody follows the plan', { host, error: String(error) });
      desk.inForce.delete(host);
      desk.known = hostLost(desk.known, host);
      desk.version++;
    });
  before?.scope.cancel();
};
