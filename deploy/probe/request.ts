import type { HostSettings, ModelSettings } from '../../workflows/domain/host/model.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';

/** What a probe is to look at, with the very eyes of the town: its adapters, its git and its sandbox. */
export interface ProbeRequest {
  /** The town's folder: rigs are copied there, as a launch would do. */
  readonly home: string;
  readonly timeZone: string;
  readonly hosts: readonly HostSettings[];
  readonly models: readonly ModelSettings[];
  readonly rigs: readonly RigSettings[];
  /** An open town decides alone what its hosts have in memory (G8): nothing is loaded behind its back. */
  readonly townOpen: boolean;
  /** Whether models generate and gates run: minutes instead of seconds. */
  readonly thorough: boolean;
  /** Whether all is told that is known of each host, well or not. */
  readonly inFull?: boolean;
}
