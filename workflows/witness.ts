import { getExternalWorkflowHandle, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { parseBeadKey, workflowId } from './domain/naming.ts';
import { newsOf, overSince } from './domain/patrol/patrolFindings.ts';
import { type PatrolReport, patrolMarkdown, type WitnessInput } from './domain/patrol/patrolReport.ts';
import { noMemory } from './domain/patrol/pulse.ts';
import { handoff, mail, patrolFindings, settled } from './messages.ts';
import { witnessActivities } from './proxies.ts';

/**
 * One patrol over one rig, started by a Schedule: looks, has what is provably dead cleared, nudges who is silent, and tells
 * the person of the rest. It holds nothing: killed at any moment, the next one does the same (G5). No model is asked (G6).
 */
export async function witness(input: WitnessInput): Promise<PatrolReport> {
  const { rig, hosts } = input;
  let report: PatrolReport = {
    ...{ rig, at: Date.now(), repaired: [], nudged: [], findings: [] },
    memory: noMemory,
  };
  setHandler(patrolFindings, () => report.findings, { description: 'What the patrol found odd' });
  const calls = witnessActivities(input);

  const found = await calls.rig.surveyRig.executeWithOptions({ summary: `look at the disk of ${rig}` }, [
    { rig },
  ]);
  // Asked after the look at the disk: who began in between has an owner by now.
  const beads = [...new Set([...found.worktrees, ...found.branches].map(({ bead }) => bead))];
  const { before, ...work } = await calls.town.surveyWork.executeWithOptions(
    { summary: 'ask who is alive' },
    [{ rig, beads, hosts }],
  );
  const plan = await calls.rule.choosePatrol({ rig, found, ...work }, input, before, Date.now());
  report = { ...report, findings: plan.findings, memory: plan.memory };
  for (const { bead, reason } of plan.nudges) await nudge(bead, reason);
  report = { ...report, nudged: plan.nudges.map(({ bead }) => bead) };
  if (plan.repairs.length > 0) {
    const { repairs } = plan;
    const repaired = await calls.rig.repairRig.executeWithOptions({ summary: 'clear what is dead' }, [
      { rig, repairs },
    ]);
    report = { ...report, repaired };
  }
  setCurrentDetails(patrolMarkdown(report));
  for (const about of overSince(before, plan)) await tellTown((town) => town.signal(settled, { about }));
  for (const one of newsOf(before, plan)) await tellTown((town) => town.signal(mail, one));
  return report;
}

const nudge = async (key: string, reason: string): Promise<void> => {
  const bead = parseBeadKey(key);
  if (bead === undefined) return;
  await getExternalWorkflowHandle(workflowId.bead(bead))
    .signal(handoff, { reason })
    .catch(() => undefined); // it has ended meanwhile
};

const tellTown = async (
  tell: (town: ReturnType<typeof getExternalWorkflowHandle>) => Promise<void>,
): Promise<void> => {
  await tell(getExternalWorkflowHandle(workflowId.town)).catch(() => undefined); // without a town nobody reads letters
};
