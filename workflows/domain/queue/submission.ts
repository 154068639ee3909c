import type { Failure } from '../failure.ts';

/** Work that asks to be landed. (bead, attempt, head) is its identity. */
export interface Submission {
  /** `<convoy>/<epic>/<bead>` */
  readonly bead: string;
  readonly attempt: number;
  /** The commit of the bead's branch that its own gates passed on. */
  readonly head: string;
  /** The target commit that `head` was made on. */
  readonly base: string;
  readonly title: string;
  readonly taskRef: string;
  readonly polecat: string;
  readonly model: string;
  /** Hash of the gate definitions that `head` passed. */
  readonly gateHash: string;
  /** Workflow that the verdict goes to. */
  readonly workflowId: string;
  /** A person's own branch: its commits land as they are, where a bead's become one. */
  readonly keepsHistory?: true;
  /** A person lands it directly (`gt land --direct`). */
  readonly direct?: Direct;
}

/** An emergency: it goes before all else, alone. */
export interface Direct {
  readonly by: string;
  /** The Overseer's override: it lands without a run of the gates, for this reason. */
  readonly untested?: string;
}

/** How git itself tells of an override, as the value of a trailer. */
export const skippedText = (by: string, reason: string): string =>
  `${by}: ${reason}`.replaceAll(/\s+/g, ' ').trim().slice(0, 500);

export type SubmissionId = Pick<Submission, 'bead' | 'attempt' | 'head'>;

/** Only what identifies it, of a submission or of anything that names one. */
export const submissionIdOf = ({ bead, attempt, head }: SubmissionId): SubmissionId => ({
  bead,
  attempt,
  head,
});

export const submissionKey = (id: SubmissionId): string => `${id.bead}#${id.attempt}@${id.head}`;

/** The Refinery's answer to one submission. Another one's verdict is ignored by the bead. */
export type Verdict = SubmissionId &
  (
    | { readonly outcome: 'landed'; readonly commit: string }
    | { readonly outcome: 'sentBack'; readonly failure: Failure; readonly evidenceRef: string | undefined }
    | { readonly outcome: 'withdrawn' }
  );
