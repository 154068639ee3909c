import type { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { CommanderError } from 'commander';
import { InputRejected } from '../deploy/input/rejected.ts';
import { TownError, type Trouble } from '../deploy/town/trouble.ts';
import type { Failure } from '../workflows/domain/failure.ts';
import { type ExitCode, exitCode } from './exitCodes.ts';

export interface Told {
  readonly trouble: Trouble;
  readonly code: ExitCode;
}

/** An error of the command itself, with the exit code that it ends with. */
export class ClientError extends TownError {
  readonly code: ExitCode;

  constructor(code: ExitCode, trouble: Trouble) {
    super(trouble);
    this.code = code;
  }
}

/** Says any error in three parts (G10), and which exit code it means. Undefined: commander has said it already. */
export const told = (error: unknown): Told | undefined => {
  if (error instanceof CommanderError) return;
  if (error instanceof ClientError) return { trouble: error.trouble, code: error.code };
  if (error instanceof TownError) return { trouble: error.trouble, code: codeOf(error.trouble.type) };
  if (isProblem(error)) return { trouble: error.trouble, code: exitCode.failed };
  if (error instanceof InputRejected) return { trouble: inputTrouble(error), code: exitCode.badInput };
  if (isNamed<WorkflowUpdateFailedError>(error, 'WorkflowUpdateFailedError'))
    return { trouble: refusal(error), code: exitCode.refused };
  if (isNotFound(error)) {
    return /already completed/.test(error.message)
      ? { trouble: hasEnded(error.workflowId), code: exitCode.refused }
      : { trouble: notFound(error), code: exitCode.badInput };
  }
  if (isSilence(error)) return { trouble: silence(error), code: exitCode.townDown };
  if (hasCode(error, failedPrecondition)) return { trouble: stuck(error), code: exitCode.failed };
  return { trouble: unexpected(error), code: exitCode.failed };
};

/** What set-up says of the machine; see deploy/setup/problem.mjs. */
const isProblem = (error: unknown): error is Error & { readonly trouble: Trouble } =>
  error instanceof Error && 'isProblem' in error && 'trouble' in error;

/** No workflow of that id has ever been, or none runs. */
export const isNotFound = (error: unknown): error is WorkflowNotFoundError =>
  isNamed(error, 'WorkflowNotFoundError');

/** By name: the class would load all of Temporal's client (0.2 s) for every `gt --help`. */
const isNamed = <E extends Error>(error: unknown, name: string): error is E =>
  error instanceof Error && error.name === name;

const downTypes = ['TownDown', 'TemporalUnreachable'];

const codeOf = (type: string): ExitCode => (downTypes.includes(type) ? exitCode.townDown : exitCode.failed);

const inputTrouble = (error: InputRejected): Trouble => ({
  type: 'InputRejected',
  what: error.message,
  evidence: '',
  next: error.faults.every(({ line }) => line === undefined)
    ? 'Check that this is the file you mean, then run the same command again.'
    : 'Correct the file, then run the same command again.',
});

/** What a validator or handler of the town answered. Its own three parts when it gave them. */
const refusal = (error: WorkflowUpdateFailedError): Trouble => {
  const cause = error.cause as (Error & { details?: unknown[]; type?: string }) | undefined;
  const [details] = cause?.details ?? [];
  if (isFailure(details)) return details;
  return {
    type: cause?.type ?? 'Refused',
    what: cause?.message ?? error.message,
    evidence: '',
    next: 'Look at how things stand with `gt status` or `gt convoy status CONVOY`, then ask again.',
  };
};

const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'what' in value && 'evidence' in value && 'next' in value;

/** Said of things that were there and can be asked about, but not changed any more. */
export const hasEnded = (workflowId: string, how = 'closed'): Trouble => {
  const [kind = '', convoy = '', ...rest] = workflowId.split('/');
  return {
    type: 'HasEnded',
    what: `The ${kind} ${[convoy, ...rest].join('/')} has ended already.`,
    evidence: `its workflow is ${how}`,
    next: `See how with \`gt convoy status ${convoy}\`. Launching its plan again tries what has not landed.`,
  };
};

const notFound = (error: WorkflowNotFoundError): Trouble => ({
  type: 'NotFound',
  what: `The town has no ${nounOf(error.workflowId)}.`,
  evidence: `workflow ${error.workflowId}: ${error.message}`,
  next: notFoundNext(error.workflowId),
});

const notFoundNext = (workflowId: string): string => {
  const [kind, convoy] = workflowId.split('/');
  if (kind === 'refinery')
    return 'See the queues that there are with `gt refinery status`; one starts with the first bead (task) that is ready to land.';
  if (kind === 'bead')
    return `It may not have started yet: see \`gt convoy status ${convoy}\`. To keep it from starting, pause its epic: \`gt pause CONVOY/EPIC\`.`;
  return 'See the names with `gt convoy list` and `gt convoy status CONVOY`.';
};

const nounOf = (id: string): string => id.replace('/', ' ');

const silent = [1 /* cancelled, by its own deadline */, 4 /* deadline exceeded */, 14 /* unavailable */];

/** Whether nobody has answered. */
export const isSilence = (error: unknown): boolean =>
  grpcCodes(error).some((code) => silent.includes(code)) || isNamed(error, 'QueryNotRegisteredError');

/** Whether an error of Temporal's server, or what caused it, has this gRPC code. */
export const hasCode = (error: unknown, code: number): boolean => grpcCodes(error).includes(code);

const failedPrecondition = 9;

const grpcCodes = (error: unknown): readonly number[] => {
  if (!(error instanceof Error)) return [];
  const code = (error as { code?: unknown }).code;
  const deeper = grpcCodes(error.cause);
  return typeof code === 'number' ? [code, ...deeper] : deeper;
};

const silence = (error: unknown): Trouble => ({
  type: 'TownSilent',
  what: 'The town does not answer: its Temporal server or its workers are busy, starting or gone.',
  evidence: messageOf(error),
  next: 'Look at `gt status`; if processes are dead, read the logs in the town’s home, then `gt down` and `gt up`.',
});

/** Told where only the whole town was asked; `client/stuck.ts` names the workflow. */
const stuck = (error: unknown): Trouble => ({
  type: 'WorkflowStuck',
  what: 'A workflow of the town is stuck: the town’s code fails at each of its tasks, so it cannot answer.',
  evidence: messageOf(error),
  next: 'See which with `gt status`, and why in the worker log in the logs folder of the town’s home.',
});

const unexpected = (error: unknown): Trouble => ({
  type: error instanceof Error ? error.name : 'Error',
  what: 'gt could not do this, for a reason that it does not know.',
  evidence: messageOf(error),
  next: 'Run the same command with GT_DEBUG=1, which prints the stack, and report it.',
});

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`;
};
