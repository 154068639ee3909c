import { looked } from '../domain/bead/beadOutcome.ts';
import { beadKey } from '../domain/naming.ts';
import { longestSummary, markdownText } from '../domain/text.ts';
import { gateActivities } from '../proxies.ts';
import { ownerOf } from './owner.ts';
import type { Polecat } from './polecat.ts';

/** Runs the one command that a reply asks for, where the gates run; its output stands in the next prompt. */
export const look = async (polecat: Polecat, command: string, replyRef: string): Promise<void> => {
  const { input, life, place } = polecat;
  polecat.enter('gates');
  const seen = await polecat.during(() =>
    gateActivities(ownerOf(input), input.pace).runLook.executeWithOptions(
      { summary: markdownText(`look of ${beadKey(input.ref)}: ${command}`, longestSummary) },
      [{ ...place, head: life.head ?? '', command }],
    ),
  );
  if (seen === 'interrupted') return;
  polecat.life = looked(polecat.life, { command, ...seen }, replyRef, input.spec.output === 'report');
};
