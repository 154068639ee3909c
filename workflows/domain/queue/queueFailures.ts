import { clip, type Failure } from '../failure.ts';
import { failingTests } from '../gateTests.ts';
import { oneLine } from '../text.ts';
import type { Group, RefineryState, Tested } from './refineryState.ts';

type Red = Extract<Tested, { verdict: 'red' }>;

export const resumeCommand = ({ rig, target }: Pick<RefineryState, 'rig' | 'target'>): string =>
  `gt refinery resume ${rig} ${target}`;

/** What lifts a stop of all work on a rig; it stands in the reason of the pause. */
export const resumeRigCommand = (rig: string): string => `gt resume --rig ${rig}`;

/** What people are told when the queue sends back or stops (G10). */

const redGates = (answer: Red): string => answer.failures.map((one) => one.gate).join(', ');

const redEvidence = (commit: string, answer: Red, more: readonly string[] = []): string =>
  clip(
    [
      `commit ${commit}`,
      ...more,
      ...answer.failures.map((one) => `${one.gate}: ${one.summary}`),
      ...failing(answer),
      `output: blob ${answer.feedback.ref}`,
    ].join('\n'),
  );

/** Names of failing tests that people are told, and characters of each. */
const shown = { names: 10, characters: 120 } as const;

const failing = ({ tests }: Red): readonly string[] => {
  const names = tests === undefined ? [] : failingTests(tests);
  const more = names.length - shown.names;
  return [
    ...names.slice(0, shown.names).map((name) => `failing: ${oneLine(name, shown.characters)}`),
    ...(more > 0 ? [`failing: and ${more} more`] : []),
  ];
};

/** On the branch itself: what was tested is this change alone on that base. */
const reproduce = ({ base }: Group, { failures }: Red): readonly string[] =>
  failures.flatMap(({ command }) =>
    command === undefined ? [] : [`reproduce: git rebase ${base} && ${command}`],
  );

/** What the run before said where it said something else: such a test may depend on more than the change. */
const otherwise = (answer: Red, before: Red | undefined): readonly string[] => {
  if (before === undefined) return [];
  const [now, then] = [answer, before].map((red) => [
    ...red.failures.map(({ gate, summary }) => `${gate}: ${summary}`),
    ...failing(red),
  ]);
  return (then ?? []).filter((line) => !now?.includes(line)).map((line) => `the first time ${line}`);
};

/** `before`: the first of the two runs, whose failure may have been another. */
export const gateRed = (group: Group, answer: Red, before?: Red): Failure => ({
  type: answer.feedback.failure ?? 'GateRed',
  what: `Alone on the target's tip ${group.base.slice(0, 12)} this change failed twice: ${redGates(answer)}.`,
  evidence: redEvidence(group.commit, answer, [
    `base ${group.base}`,
    ...reproduce(group, answer),
    ...otherwise(answer, before),
  ]),
  next: 'Rebase onto the target, repair, and submit again; the town does this by itself.',
});

export const baseRed = (
  state: Pick<RefineryState, 'rig' | 'target' | 'upstream'>,
  group: Group,
  answer: Red,
): Failure => ({
  type: 'BaseRed',
  what: `The tip ${group.base.slice(0, 12)} of ${state.target} fails its own gates, twice: ${redGates(answer)}. Nothing lands on a red base.`,
  evidence: redEvidence(group.base, answer),
  next: `Repair ${state.upstream ?? state.target} with a commit of your own, and the queue goes on by itself; or send a branch that mends it (\`gt submit BRANCH\`, then \`gt refinery hotfix BRANCH\`): a hotfix is tested and lands on a red target, too. If the gates were at fault: \`${resumeCommand(state)}\`.`,
});

export const upstreamRed = (
  state: Pick<RefineryState, 'rig' | 'target' | 'upstream'>,
  group: Group,
  answer: Red,
): Failure => ({
  type: 'BaseRed',
  what: `${state.upstream ?? 'The upstream branch'} moved to ${(group.upstream ?? '').slice(0, 12)}, and merged into ${state.target} it fails the gates, twice: ${redGates(answer)}.`,
  evidence: redEvidence(group.commit, answer),
  next: `Repair ${state.upstream ?? 'that branch'}; the queue goes on by itself when it moves.`,
});

export const nothingComposed = (base: string): Failure => ({
  type: 'GitFailed',
  what: 'A group was composed of nothing, although its members neither conflict nor have landed.',
  evidence: `base ${base}`,
  next: 'The queue tries again; `gt refinery resume RIG BRANCH` does so at once.',
});
