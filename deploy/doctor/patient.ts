import type { Finding } from '../../workflows/domain/finding.ts';
import type { TownConfig } from '../config/townConfig.ts';
import type { InputFault } from '../input/rejected.ts';
import type { TownRecord } from '../town/record.ts';

/** Whom the doctor looks at: a town as far as it is there, on this machine. */
export interface Patient {
  /** Undefined where there is none, or one with mistakes. */
  readonly config: TownConfig | undefined;
  /** The mistakes of the configuration. */
  readonly faults: readonly InputFault[];
  /** Undefined where there is no town at all. */
  readonly home: string | undefined;
  readonly record: TownRecord | undefined;
  /** Whether its supervisor is alive. */
  readonly open: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A finding, with what mends it where that is safe to do without a question. */
export interface Diagnosis extends Finding {
  /** Says what was done. Throws when it could not be done. */
  readonly mend?: () => Promise<string>;
}

/** A patient whose configuration is there and sound. */
export interface Configured extends Patient {
  readonly config: TownConfig;
  readonly home: string;
}

/** Looks at one thing. Never throws for what it looks at: trouble is a finding. */
export type Check = (patient: Patient) => AsyncIterable<Diagnosis>;

export const isConfigured = (patient: Patient): patient is Configured =>
  patient.config !== undefined && patient.home !== undefined;

/** A finding that `--fix` mends. */
export const mendable = (finding: Finding, mend: () => Promise<string>): Diagnosis => ({
  ...finding,
  fixable: true,
  mend,
});
