/** When a worker was done with a step, written into what it answers: the one time of day that every replay reads alike. */

/** What the bead's clock is set by. Each answers with a record. */
const stampedSteps: readonly string[] = [
  'openBead',
  'composePrompt',
  'applyReply',
  'runGates',
  'rebaseBead',
  'composeReview',
  'writeNote',
  'modelOutlook',
];

/** The answer of a step with the time on it, epoch ms; any other as it is. */
export const stamped = (step: string, answer: unknown, now: number): unknown =>
  stampedSteps.includes(step) && isRecord(answer) ? { ...answer, stampedAt: now } : answer;

/** Undefined for answers of before there were stamps. */
export const stampOf = (answer: unknown): number | undefined =>
  isRecord(answer) && typeof answer['stampedAt'] === 'number' ? answer['stampedAt'] : undefined;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
