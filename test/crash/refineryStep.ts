/**
 * A worker with one step to do: takes a `StepOrder` as its only argument and says what came of it as JSON. Its gits are started as
 * those of a town's worker are.
 */
import { createGateRunner } from '../../activities/gates/index.ts';
import { spawnApart } from '../../activities/git/spawner.ts';
import { homeAt } from '../../activities/home.ts';
import { createBlobs } from '../../activities/ledger/blobs.ts';
import { createLandActivities, createRefineryActivities } from '../../activities/refinery/index.ts';
import { bareRung } from '../../activities/sandbox/index.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import { quiet } from '../activities/refinery/town.ts';

export interface StepOrder {
  /** Of the home. */
  readonly root: string;
  readonly rig: RigSettings;
  readonly step: 'examine' | 'testGroup' | 'land';
  readonly request: unknown;
  /** By SIGKILL, when all is done and nobody has heard of it. */
  readonly dies: boolean;
}

const { root, rig, step, request, dies } = JSON.parse(process.argv[2] ?? '') as StepOrder;
spawnApart();
const home = homeAt(root);
const blobs = createBlobs(home.blobs);
const runner = createGateRunner({ home, blobs, rungFor: async () => bareRung });
const deps = { home, rigs: new Map([[rig.name, rig]]), blobs, runner };
const steps = { ...createRefineryActivities(deps), ...createLandActivities(deps) };
const answer: unknown = await quiet().run(steps[step] as (request: unknown) => Promise<unknown>, request);
if (dies) process.kill(process.pid, 'SIGKILL');
process.stdout.write(JSON.stringify(answer));
