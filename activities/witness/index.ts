import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { planPatrol } from '../../workflows/domain/patrol/patrolFindings.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import type { WitnessRigPort, WitnessRulePort, WitnessTownPort } from '../../workflows/ports.ts';
import type { Home } from '../home.ts';
import { createOwners } from './owners.ts';
import { type Beat, rigFolderOf } from './places.ts';
import { repairRig } from './repairRig.ts';
import { surveyRig } from './surveyRig.ts';
import { createSurveyWork } from './surveyWork.ts';

interface WitnessDeps {
  readonly client: Client;
  readonly home: Home;
  readonly rigs: ReadonlyMap<string, RigSettings>;
}

/** What a patrol needs of the machine that has the rig. */
export const createWitnessRig = ({ client, home, rigs }: WitnessDeps): WitnessRigPort => {
  const ownerOf = createOwners(client);
  const beatOf = (rig: string): Beat => ({
    ...{ rig, home, ownerOf },
    repo: home.repo(rig),
    rigFolder: rigFolderOf(home, rig),
    caches: rigs.get(rig)?.caches ?? [],
    sparse: rigs.get(rig)?.sparse ?? [],
    signal: Context.current().cancellationSignal,
  });
  return {
    surveyRig: ({ rig }) => surveyRig(beatOf(rig)),
    repairRig: ({ rig, repairs }) => repairRig(beatOf(rig), repairs),
  };
};

/** What it needs of the server, and its rule. */
export const createWitnessTown = ({
  client,
}: Pick<WitnessDeps, 'client'>): WitnessTownPort & WitnessRulePort => ({
  surveyWork: createSurveyWork(client),
  choosePatrol: async (...facts) => planPatrol(...facts),
});
