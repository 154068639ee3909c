import type { Feedback } from '../../workflows/domain/bead/feedback.ts';
import { type GateTests, failingTests as namesOf } from '../../workflows/domain/gateTests.ts';
import type { Gate } from '../../workflows/domain/rig.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import type { GateFailure } from '../../workflows/ports.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { SandboxResult } from '../sandbox/index.ts';
import { nameList } from './failingTests.ts';
import { findFirstError } from './firstError.ts';

/** A red gate with what its output said. */
export interface RedGate extends GateFailure {
  readonly command: string;
  readonly names: readonly string[];
  readonly firstError: string | undefined;
  /** The last lines of its output, without control characters. */
  readonly tail: string;
}

/** The most that a model gets to see of one red run, characters. */
export const maxFeedback = 6_000;
const tailLines = 40;
/** Characters of the line for people that names may fill. */
const maxNames = 140;
/** Names that a model gets to see. */
const shownNames = 16;

/** What is known of a failure beside its output. */
export interface RedMore {
  readonly kind?: GateFailure['kind'];
  /** What the gate's own report says. */
  readonly tests?: GateTests | undefined;
}

/** Stores the output of a failed gate and finds in it what people and models need. `dir` is cut from paths. */
export const redGate = async (
  blobs: Blobs,
  gate: Gate,
  result: SandboxResult,
  dir: string,
  { kind = kindOf(result), tests }: RedMore = {},
): Promise<RedGate> => {
  const text = plainLines(lastWrites(result.output)).replaceAll(`${dir}/`, '');
  const { error, names: seen } = findFirstError(text);
  const reported = tests === undefined ? [] : namesOf(tests);
  // A report is asked for where the output says little; elsewhere both come from the output.
  const names = gate.report !== undefined || seen.length === 0 ? [...new Set([...reported, ...seen])] : seen;
  const lines = text.trimEnd().split('\n');
  // All names that there is room for: the same failure again is known by this line.
  const told = names.length === 1 && error?.includes(names[0] ?? '') === true;
  const which = told ? '' : nameList(names, maxNames);
  const said = [which, error].filter(Boolean).join(': ') || undefined;
  const last = lines.findLast((line) => line.trim() !== '');
  return {
    gate: gate.name,
    kind,
    exitCode: result.exitCode,
    summary: oneLine(
      [[ending(result, gate, kind), ...result.notes].join('; '), said ?? last].filter(Boolean).join(': '),
      240,
    ),
    logRef: await blobs.put(result.output),
    command: gate.run,
    names,
    firstError: error,
    tail: lines
      .slice(-tailLines)
      .map((line) => (line.length > 300 ? `${line.slice(0, 300)}…` : line))
      .join('\n'),
  };
};

const kindOf = (result: SandboxResult): GateFailure['kind'] => {
  if (result.timedOut) return 'timeout';
  return result.flooded ? 'flood' : 'exit';
};

/** Progress bars write one line again and again: only what stays on it counts. */
const lastWrites = (output: string): string =>
  output.replaceAll('\r\n', '\n').replaceAll(/[^\n]*\r(?=[^\n])/g, '');

const ending = (result: SandboxResult, gate: Gate, kind: GateFailure['kind']): string => {
  if (kind === 'noTests') return 'no test ran, although this gate runs tests';
  if (result.timedOut) return `killed after its timeout of ${gate.timeoutMs / 1000} s`;
  if (result.flooded) return `killed after ${Math.round(result.output.length / 1024)} KiB of output`;
  return `exit status ${result.exitCode}${result.signal === undefined ? '' : ` (${result.signal})`}`;
};

/** The text that the next prompt shows, and its line for people. `above` and `below` stand around what the gates said. */
export const gateFeedback = async (
  blobs: Blobs,
  red: readonly RedGate[],
  { above, below }: { readonly above?: string | undefined; readonly below?: string | undefined } = {},
): Promise<Feedback> => {
  const share = Math.floor(maxFeedback / Math.max(1, red.length)) - 10;
  const sections = red.map((gate) => sectionFor(gate, share));
  const text = [above, ...sections, below].filter((part) => part !== undefined).join('\n\n');
  return {
    kind: 'gates',
    summary: redLine(red),
    ref: await blobs.put(text),
    ...named(red),
  };
};

/** Red gates in one line: the same failure again has the same. */
export const redLine = (red: readonly Pick<RedGate, 'gate' | 'summary'>[]): string =>
  oneLine(red.map(({ gate, summary }) => `${gate}: ${summary}`).join('; '), 240);

/** What hung or flooded ended the run, so it is the last. That no test ran is told where nothing else is wrong. */
const named = (red: readonly RedGate[]): Pick<Feedback, 'failure'> => {
  const kind = red.at(-1)?.kind;
  if (red.length > 0 && red.every((one) => one.kind === 'noTests')) return { failure: 'NoTestsRan' };
  if (kind === 'timeout') return { failure: 'GateTimeout' };
  return kind === 'flood' ? { failure: 'GateFlooded' } : {};
};

const failing = (names: readonly string[]): readonly string[] => {
  const more = names.length - shownNames;
  return names.length === 0
    ? []
    : [
        'Failing:',
        ...names.slice(0, shownNames).map((name) => `- ${name}`),
        ...(more > 0 ? [`- and ${more} more`] : []),
      ];
};

const sectionFor = (gate: RedGate, limit: number): string => {
  const head = [
    `Gate "${gate.gate}" is red: ${oneLine(gate.summary, 300)}`,
    `Command: ${oneLine(gate.command, 300)}`,
    ...failing(gate.names),
    ...(gate.firstError === undefined ? [] : [`First error: ${gate.firstError}`]),
    'Last lines of its output:',
  ]
    .join('\n')
    .slice(0, limit);
  // What does not fit goes at the beginning of the tail: the end says most.
  const room = limit - head.length - 1;
  const tail =
    gate.tail.length <= room ? gate.tail : `…${gate.tail.slice(Math.max(0, gate.tail.length - room + 1))}`;
  return room > 80 ? `${head}\n${tail}` : head;
};
