/** Who has to act on a failure: the town tries again by itself, the polecat repairs, or a person decides. */
export type FailureOwner = 'town' | 'polecat' | 'overseer';

interface FailureKind {
  readonly retryable: boolean;
  readonly owner: FailureOwner;
}

const retry = { retryable: true, owner: 'town' } as const;
const repair = { retryable: false, owner: 'polecat' } as const;
const person = { retryable: false, owner: 'overseer' } as const;

/**
 * Every failure type of the town. Activities throw `ApplicationFailure` with one of these names as its `type`;
 * Temporal retries the retryable ones, workflows switch on the others.
 */
export const failureKinds = {
  // plans and configuration
  PlanRejected: person,
  CloudForbidden: person,
  PlannerBlocked: person,
  PlanConflict: person,
  ReplanNeeded: person,
  RigUnusable: person,
  BudgetExhausted: person,
  AttemptsExhausted: person,
  Stalled: person,
  // model hosts and their answers
  HostDown: retry,
  HostBusy: retry,
  HostWedged: retry,
  HostQuiet: retry,
  ModelNotResident: retry,
  StreamCut: retry,
  StreamStalled: retry,
  FirstTokenTimeout: retry,
  LeaseLost: retry,
  CallTimeout: person,
  ModelMissing: person,
  ContextTooSmall: person,
  NotAModelServer: person,
  HostRefused: person,
  ModelUnavailable: person,
  ContextOverflow: repair,
  ReplyEndless: repair,
  // replies
  ReplyMalformed: repair,
  ReplyUnsafe: repair,
  ReviewSentBack: repair,
  // gates and the sandbox
  GateRed: repair,
  GateTimeout: repair,
  GateFlooded: repair,
  NoTestsRan: repair,
  SandboxUnavailable: person,
  SetupFailed: person,
  // git and landing
  GitFailed: retry,
  MergeConflict: repair,
  PushRefused: person,
  BaseRed: person,
  QueuePaused: person,
  WorktreeLost: retry,
  // the house itself
  WorkerLost: retry,
  WrongHome: person,
  BlobMissing: person,
  // Nothing fails by it: beads wait and start by themselves when there is room.
  DiskLow: { retryable: true, owner: 'overseer' },
  // Neither by these: a plan of the mayor, and work that polecats found, wait for a person.
  PlanWaits: { retryable: true, owner: 'overseer' },
  ProposalsWait: { retryable: true, owner: 'overseer' },
  BudgetNear: { retryable: true, owner: 'overseer' },
  // What a patrol of the Witness finds odd and does not touch.
  BeadSilent: { retryable: true, owner: 'overseer' },
  HostSilent: { retryable: true, owner: 'overseer' },
  EpicStale: { retryable: true, owner: 'overseer' },
  LeftBehind: { retryable: true, owner: 'overseer' },
  // Tried again for a while; then it is in the mailbox.
  NotifyFailed: { retryable: true, owner: 'overseer' },
  // Nothing has failed: somebody has written a letter.
  Message: { retryable: true, owner: 'overseer' },
} as const satisfies Record<string, FailureKind>;

export type FailureType = keyof typeof failureKinds;

/** The names that Temporal must not retry, for `RetryPolicy.nonRetryableErrorTypes`. */
export const terminalFailures: FailureType[] = (Object.keys(failureKinds) as FailureType[]).filter(
  (type) => !failureKinds[type].retryable,
);

/** G10: what a person sees of any error: what happened, the evidence, what to do next. All three are plain text. */
export interface Failure {
  readonly type: FailureType;
  readonly what: string;
  /** Command, directory, exit status and last lines of stderr; or URL, status and body. At most 2,000 characters. */
  readonly evidence: string;
  readonly next: string;
}

/** The longest evidence that may travel through a history; longer text belongs in a blob. Characters. */
export const maxEvidence = 2_000;

/** Cuts the middle out of a long text, since its first and last lines say most. */
export const clip = (text: string, limit = maxEvidence): string => {
  if (text.length <= limit) return text;
  const mark = '\n… cut …\n';
  const half = Math.floor((limit - mark.length) / 2);
  return text.slice(0, half) + mark + text.slice(text.length - half);
};

/** One failure as three lines of text. */
export const failureText = (failure: Failure): string =>
  [failure.what, failure.evidence, `Next: ${failure.next}`].filter((part) => part !== '').join('\n');

export const isFailureType = (type: string | null | undefined): type is FailureType =>
  type !== null && type !== undefined && Object.hasOwn(failureKinds, type);
