import type { FleetSettings } from '../../../workflows/domain/fleet/fleet.ts';
import { defaultFleetSettings } from '../../../workflows/domain/fleet/settings.ts';
import { planned } from './planned.ts';
import { collating, exhaustive, leastConnections } from './rivals.ts';
import type { Policy } from './virtualFleet.ts';
import type { Work } from './work.ts';

const settingsFor = ({ maxWaitMs }: Work): FleetSettings => ({ ...defaultFleetSettings, maxWaitMs });

/** What is compared: three that are found elsewhere, our base rule alone, and what the town does. */
export const policies: Readonly<Record<string, (work: Work) => Policy>> = {
  'least-connections': leastConnections,
  collating,
  exhaustive,
  'setup-aware': (work) => planned('setup-aware', { ...settingsFor(work), lookAhead: false }),
  planned: (work) => planned('planned', settingsFor(work)),
};
