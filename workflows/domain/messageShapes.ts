/** The shape of every signal and update of `workflows/messages.ts`; whoever receives one checks it by this first. */

import { mostProposals } from './bead/proposal.ts';
import { isBlobRef } from './blobRef.ts';
import { type FailureType, isFailureType } from './failure.ts';
import { type Addressee, isAddressee } from './mail/addressee.ts';
import { severities } from './mail/severity.ts';
import { wordsFault } from './mail/words.ts';
import { isSlug, slugForm } from './naming.ts';
import {
  amount,
  both,
  count,
  fits,
  flag,
  listOf,
  moment,
  name,
  oneOf,
  optional,
  orNone,
  record,
  type Shape,
  text,
} from './shape.ts';

export const slug: Shape<string> = fits(
  `a name of ${slugForm}`,
  (value) => typeof value === 'string' && isSlug(value),
);

export const blobRef: Shape<string> = fits(
  'the sha256 of a text',
  (value) => typeof value === 'string' && isBlobRef(value),
);

const commit: Shape<string> = fits(
  'the hash of a commit',
  (value) => typeof value === 'string' && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(value),
);

const failureType: Shape<FailureType> = fits(
  'a known type of failure',
  (value) => typeof value === 'string' && isFailureType(value),
);

const failure = record({ type: failureType, what: text, evidence: text, next: text });

const usage = record({
  calls: amount,
  promptTokens: amount,
  completionTokens: amount,
  estimated: flag,
  money: optional(amount),
});

const spent = record({ turns: amount, usage, wallMs: amount, attempts: amount });

const words: Shape<string> = fits(
  'a text of 1 to 4000 characters',
  (value) => typeof value === 'string' && wordsFault(value) === undefined,
);

// ---- to a bead, an epic or a convoy ----

export const handoffShape = record({ reason: text, model: optional(text) });

export const nudgeShape = record({ id: name, from: text, text: words });

export const shutdownShape = record({
  reason: text,
  mode: oneOf('drain', 'now'),
  tellWhenParked: optional(flag),
  rig: optional(slug),
});

const price = record({ prompt: amount, completion: amount });

const modelStep = record({ model: slug, callTimeoutMs: amount, price: optional(price) });

export const beadSpec = record({
  id: slug,
  title: text,
  taskRef: blobRef,
  needs: listOf(slug),
  files: listOf(text),
  tier: orNone(slug),
  gates: listOf(slug),
  approvedFiles: listOf(text),
  output: optional(oneOf('report')),
  sections: optional(listOf(text, 20)),
  estimateMs: optional(amount),
  ladder: optional(listOf(modelStep, 20)),
  attempts: optional(count),
  optional: optional(oneOf(true)),
});

export const proposalIds = listOf(slug, 1_000);

// ---- between the town's workflows ----

const proposal = record({ id: slug, title: text, taskRef: blobRef, files: listOf(text) });

export const landedShape = record({
  state: oneOf('landed'),
  bead: name,
  commit: orNone(text),
  nothingToChange: flag,
  reportRef: optional(blobRef),
  spent,
  ms: amount,
  model: text,
  polecat: text,
  proposals: optional(listOf(proposal, mostProposals.perBead)),
});

export const beadMovedShape = record({
  bead: slug,
  state: oneOf('parked', 'working', 'cancelled'),
  spent: optional(spent),
});

export const epicParkedShape = record({ epic: slug });

export const epicSpentShape = record({ epic: slug, usage });

/** A convoy asks for all its names at once, of as many epics as it may have. */
const mostNames = 400 * 400;

/** Characters of the answer with these names. */
export const longestNames = 30 * mostNames;

const names: Shape<number> = fits(
  `a whole number from 0 to ${mostNames}`,
  (value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= mostNames,
);

export const askAllowanceShape = record({
  id: optional(name),
  from: name,
  workflowId: name,
  tokens: orNone(amount),
  names,
  least: optional(amount),
  money: optional(amount),
  leastMoney: optional(amount),
});

/** An epic that is told a date waits until then; the largest number says that there is none. */
const askAgainAt: Shape<number> = (value, at) =>
  value === Number.MAX_SAFE_INTEGER ? undefined : moment(value, at);

export const allowanceShape = record({
  tokens: orNone(amount),
  names: listOf(text, mostNames),
  askAgainAt: orNone(askAgainAt),
  day: optional(text),
  askId: optional(text),
  rest: optional(oneOf(true)),
  budget: optional(record({ granted: amount, left: amount, of: optional(oneOf('epic')) })),
  money: optional(amount),
  lacks: optional(oneOf('money')),
  askAgain: optional(oneOf(true)),
});

export const raiseEpicShape = record({ epic: slug, tokens: optional(count), money: optional(count) });

export const returnAllowanceShape = record({
  from: name,
  tokens: amount,
  day: text,
  money: optional(amount),
});

export const spendingShape = record({ from: name, tokens: amount, money: amount });

export const mailShape = record({
  about: text,
  failure,
  convoy: optional(text),
  severity: optional(oneOf(...severities)),
});

export const settledShape = record({ about: text });

const addressee: Shape<Addressee> = fits(
  'overseer, mayor, mayor/RIG or crew/RIG',
  (value) => typeof value === 'string' && isAddressee(value),
);

export const messageShape = record({
  id: name,
  to: addressee,
  from: words,
  text: words,
  severity: optional(oneOf(...severities)),
  notify: optional(flag),
});

export const takeNotesShape = record({ by: name, rig: slug });

export const notesBackShape = record({ by: name });

export const letterIds = listOf(count, 1_000);

export const announceShape = record({
  id: text,
  event: oneOf('ended', 'needsYou', 'drained'),
  convoy: orNone(text),
  about: listOf(record({ about: text, failure })),
  dueAt: moment,
  reminder: optional(count),
});

export const townSettingsShape = record({
  timeZone: fits<string>('a time zone', isTimeZone),
  tokensPerDay: orNone(amount),
  moneyPerDay: optional(amount),
  currency: optional(text),
  notify: optional(listOf(oneOf('ended', 'needsYou'))),
  remind: optional(record({ afterMs: fits<number>('a pause of at least a second', isPause), times: count })),
});

/** Shorter ones would fill the history; and what a timer can hold. */
function isPause(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 1_000 && Number(value) <= 2 ** 31;
}

function isTimeZone(value: unknown): boolean {
  return typeof value === 'string' && /^[\w+\-/:]{1,64}$/.test(value);
}

// ---- the Refinery ----

const submissionId = { bead: name, attempt: count };

export const submitShape = record({
  ...submissionId,
  head: commit,
  base: commit,
  title: text,
  taskRef: text,
  polecat: text,
  model: text,
  gateHash: text,
  workflowId: name,
  keepsHistory: optional(oneOf(true)),
  direct: optional(record({ by: text, untested: optional(text) })),
});

export const directShape = record({
  id: name,
  by: text,
  target: optional(text),
  title: optional(text),
  force: optional(oneOf(true)),
  untested: optional(text),
  look: optional(oneOf(true)),
});

export const withdrawShape = record({ ...submissionId, head: name, workflowId: name });

const verdictOn = record({ ...submissionId, head: name });
const landedVerdict = record({ outcome: oneOf('landed'), commit: text });
const sentBack = record({ outcome: oneOf('sentBack'), failure, evidenceRef: orNone(text) });
const withdrawn = record({ outcome: oneOf('withdrawn') });
const outcome = record({ outcome: oneOf('landed', 'sentBack', 'withdrawn') });

type Outcome = typeof landedVerdict | typeof sentBack | typeof withdrawn;

const outcomeShape: Shape<NonNullable<Outcome['of']>> = (value, at) => {
  const fault = outcome(value, at);
  if (fault !== undefined) return fault;
  const shapes = { landed: landedVerdict, sentBack, withdrawn };
  return shapes[(value as { outcome: keyof typeof shapes }).outcome](value, at);
};

export const verdictShape = both(verdictOn, outcomeShape);

// ---- hosts ----

export const hostObservedShape = record({
  open: listOf(slug),
  closed: listOf(record({ model: slug, failure, terminal: flag })),
  loading: optional(listOf(slug)),
  quietUntil: optional(moment),
  place: name,
});

// ---- updates ----

/** A pause, a rejection. */
export const reasonShape = record({ reason: text });

/** What priority is one is told by `priorityFault`, in its own words. */
export const pauseQueueShape = record({
  reason: text,
  below: optional(fits<number>('a number', (value) => typeof value === 'number')),
});

/** What is raised is told apart by `raiseFault`, in its own words. */
export const resumeShape = record({ rig: optional(slug) });

export const retryShape = record({ bead: text });

export const untilShape = record({
  until: optional(record({ ms: moment, clock: text })),
});

export const beadSpecs = listOf(beadSpec);

export const approvalShape = record({ edited: optional(blobRef) });

export const revisionShape = record({ edited: blobRef });
