import { setHandler } from '@temporalio/workflow';
import { epicReportShape, hostReportShape, steerShape } from '../domain/fleet/fleetShapes.ts';
import { epicTold, hostTold, steered } from '../domain/fleet/known.ts';
import type { Steer } from '../domain/fleet/status.ts';
import { steerFault } from '../domain/fleet/steerFault.ts';
import { fleetStatus, hostReport, stages, steer } from '../messages.ts';
import { receive, refused, refuseUnfit } from '../receive.ts';
import { dropPlan } from './apply.ts';
import { type FleetDesk, fleetStatusOf } from './desk.ts';

/** Takes what hosts and epics tell, and what people ask. */
export const handleFleetMessages = (desk: FleetDesk): void => {
  receive(hostReport, hostReportShape, (report) => {
    desk.known = hostTold(desk.known, report);
    // A lease that has just begun follows nobody's plan yet, whatever its predecessor did.
    if (report.fresh === true || report.away === 'left') dropPlan(desk, report.host);
    desk.version++;
  });
  receive(stages, epicReportShape, (report) => {
    desk.known = epicTold(desk.known, report);
    desk.version++;
  });
  setHandler(fleetStatus, () => fleetStatusOf(desk), {
    description: 'Hosts, what they hold, what is planned and why',
  });
  setHandler(
    steer,
    (order) => {
      desk.known = steered(desk.known, order.host, steeringOf(order, Date.now() + desk.pace.askedMs));
      desk.version++;
      return answer(order);
    },
    {
      description: 'Pins models of a host, drains it, loads a model now, or lets the fleet decide again',
      validator: (order: Steer) => {
        refuseUnfit('steer', steerShape, order);
        const fault = steerFault(desk.known, order);
        if (fault !== undefined) throw refused(fault.why, { evidence: fault.evidence, next: fault.next });
      },
    },
  );
};

const steeringOf = ({ to, models = [] }: Steer, until: number) => {
  switch (to) {
    case 'pin':
      return { pinned: models, asked: undefined };
    case 'drain':
      return { drained: true as const };
    case 'load':
      return { asked: { models, until } };
    case 'unpin':
      return { pinned: undefined, asked: undefined };
    case 'undrain':
      return { drained: undefined };
  }
};

const answer = ({ host, to, models = [] }: Steer): string => {
  switch (to) {
    case 'pin':
      return `${host} keeps ${models.join(', ')} loaded until it is unpinned`;
    case 'drain':
      return `${host} finishes its calls and takes no new ones until it is freed`;
    case 'load':
      return `${host} loads ${models.join(', ')} as soon as its calls have ended`;
    case 'unpin':
      return `${host} is planned for by the fleet again`;
    case 'undrain':
      return `${host} takes calls again`;
  }
};
