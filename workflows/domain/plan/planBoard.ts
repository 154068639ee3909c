/** A plan's status as small markdown, for a workflow's current details in Temporal's Web UI. */
import { totalTokens } from '../host/model.ts';
import { markdownText } from '../text.ts';
import type { PlanStatus } from './planning.ts';

const mostFindings = 20;

export const planMarkdown = (status: PlanStatus): string => {
  const { draft, failure, waiting, reason } = status;
  return [
    `**Plan ${status.convoy}** (${markdownText(status.title)}): ${status.state}${status.step === undefined ? '' : `, ${status.step}`}`,
    `${totalTokens(status.usage)} tokens by ${markdownText(status.mayor)} in ${status.turns} turns`,
    ...(draft === undefined
      ? []
      : [`${draft.beads} beads${status.state === 'waiting' ? `: gt plan approve ${status.convoy}` : ''}`]),
    ...(draft?.findings ?? [])
      .slice(0, mostFindings)
      .map(
        ({ level, bead, text }) =>
          `- ${level}${bead === undefined ? '' : ` ${bead}`}: ${markdownText(text, 200)}`,
      ),
    ...[failure ?? waiting].flatMap((one) =>
      one === undefined ? [] : [`${one.type}: ${markdownText(one.what, 300)}`],
    ),
    ...(reason === undefined ? [] : [`rejected: ${markdownText(reason)}`]),
  ].join('\n\n');
};
