import type { ConvoyInput, ConvoySettings } from '../../workflows/domain/convoy.ts';
import type { ModelSettings } from '../../workflows/domain/host/model.ts';
import type { MayorSettings } from '../../workflows/domain/plan/mayor.ts';
import type { LintedBead } from '../../workflows/domain/plan/planLint.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import type { GateRunner } from '../gates/index.ts';
import type { Home } from '../home.ts';
import type { Blobs } from '../ledger/blobs.ts';

/** What planning works with. */
export interface MayorDeps {
  readonly home: Home;
  readonly blobs: Blobs;
  readonly rigs: ReadonlyMap<string, RigSettings>;
  readonly models: ReadonlyMap<string, ModelSettings>;
  readonly gates: Pick<GateRunner, 'sandboxRung' | 'prepareTree'>;
  /** Who plans as the configuration says now: what a workflow says of it is not believed where a key or a URL is at stake. */
  readonly mayor: MayorSettings | undefined;
  /** The tiers of models that beads may ask for. */
  readonly tiers: readonly string[];
  readonly plans: PlanReader;
}

/** How the town reads plans, whoever wrote them. */
export interface PlanReader {
  /** `file` is the name that faults carry. */
  read(text: string, file: string): PlanRead;
  /** The input of the convoy, with the settings that it was launched with. */
  compile(text: string, launch: CompileAs): Promise<ConvoyInput>;
}

export interface CompileAs {
  readonly convoy: string;
  readonly settings: ConvoySettings;
  readonly putBlob: (text: string) => Promise<string>;
}

export type PlanRead =
  | {
      readonly planHash: string;
      readonly title: string;
      readonly beads: readonly LintedBead[];
      /** Rigs that it works on. */
      readonly rigs: readonly string[];
    }
  | { readonly faults: readonly string[] };
