/** What went wrong in an earlier turn, as the next prompt needs it. */
export interface Feedback {
  readonly kind: 'malformed' | 'unsafe' | 'gates' | 'conflict' | 'refinery' | 'length';
  /** One line for people. */
  readonly summary: string;
  /** Blob with the text for the model. */
  readonly ref: string;
}
