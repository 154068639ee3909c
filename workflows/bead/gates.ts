import { formatted, gatesGreen, gatesRed, spareRed, takeSpare } from '../domain/bead/beadOutcome.ts';
import { beadKey } from '../domain/naming.ts';
import type { GateReport } from '../ports.ts';
import { gateActivities } from '../proxies.ts';
import { ownerOf } from './owner.ts';
import type { Polecat } from './polecat.ts';

/** Runs the polecat's own gates on its branch. Green is a prior only: the Refinery tests again (G3). */
export const runGates = async (polecat: Polecat): Promise<void> => {
  const report = await gateReport(polecat, polecat.input.spec.gates);
  if (report === 'interrupted') return;
  polecat.gateHash = report.gateHash;
  if (report.head !== undefined) polecat.life = formatted(polecat.life, report.head);
  const { life } = polecat;
  if (report.verdict === 'green') {
    polecat.life = gatesGreen(life);
    return;
  }
  polecat.life =
    takeSpare(life) === undefined
      ? gatesRed(life, report.feedback, { reply: polecat.reply, tree: report.tree })
      : spareRed(life, report.feedback);
};

/** One gate run on the bead's present head; `gates` empty means all of the rig's. */
export const gateReport = async (
  polecat: Polecat,
  gates: readonly string[],
): Promise<GateReport | 'interrupted'> => {
  const { input, life, place } = polecat;
  polecat.enter('gates');
  const { base, red } = life;
  const before = {
    ...(base === undefined ? {} : { base }),
    ...(red?.nearest === undefined ? {} : { refused: { summary: red.summary, times: red.nearest } }),
  };
  return polecat.during(() =>
    gateActivities(ownerOf(input), input.pace).runGates.executeWithOptions(
      { summary: `gates of ${beadKey(input.ref)}, attempt ${life.attempt}` },
      [{ ...place, ...before, head: life.head ?? '', gates }],
    ),
  );
};
