/** What an examination of a town found, one line each: the same for the doctor, for `gt host check` and for `gt init`. */
import type { Failure } from './failure.ts';
import type { ProbeField } from './host/probeFields.ts';

export type Level = 'ok' | 'warn' | 'fail';

export interface Finding {
  /** What was looked at: `disk`, `rig app`, `host desk`. */
  readonly check: string;
  readonly level: Level;
  readonly what: string;
  /** Where it was seen; may be empty, and may have several lines. */
  readonly evidence: string;
  /** The command or the edit that mends it; empty where nothing is to be mended. */
  readonly fix: string;
  /** Whether `gt doctor --fix` does it. */
  readonly fixable: boolean;
  /** Of a model that generated: what the page of another command needs in numbers. */
  readonly measured?: Measured;
  /** Of a host: all that is known of it. */
  readonly fields?: readonly ProbeField[];
}

/** What one real call of one token has shown of a model. */
export interface Measured {
  /** From the request to the end of the reply, with loading. */
  readonly ms: number;
  /** Tokens that one request gets; undefined when the server does not say. */
  readonly context: number | undefined;
}

/** What a person needs to know of trouble. */
export type Ailing = Pick<Finding, 'what' | 'evidence' | 'fix'>;

export const isWell = (check: string, what: string, evidence = ''): Finding => ({
  ...{ check, level: 'ok', what, evidence },
  ...{ fix: '', fixable: false },
});

/** The town runs, but not as well as it could, or not for long. */
export const isPoor = (check: string, ailing: Ailing): Finding => ({
  check,
  level: 'warn',
  ...ailing,
  fixable: false,
});

/** The town, or this part of it, will not work. */
export const isIll = (check: string, ailing: Ailing): Finding => ({
  check,
  level: 'fail',
  ...ailing,
  fixable: false,
});

/** A failure as the town itself would meet it. */
export const illBy = (check: string, { type, what, evidence, next }: Failure): Finding =>
  isIll(check, { what: `${type}: ${what}`, evidence, fix: next });

const order: readonly Level[] = ['ok', 'warn', 'fail'];

/** The worst of all; `ok` of none. */
export const worstOf = (findings: readonly Finding[]): Level =>
  findings.reduce<Level>(
    (worst, { level }) => (order.indexOf(level) > order.indexOf(worst) ? level : worst),
    'ok',
  );
