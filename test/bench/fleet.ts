/**
 * `npm run bench:fleet -- --scenario FILE|seed-a|seed-b|seed-b-no-cloud|seed-c|seed-c-dominance|seed-c-coresident|seed-c-two-hosts
 * [--policy all|NAME] [--json]`: how long a piece of work takes a fleet, in virtual time. `planned` is the town's own planner, asked
 * at every event; `setup-aware` its base rule alone; `least-connections` what a balancer before Ollama does, `collating` llama-swap,
 * `exhaustive` pulling until nothing waits. docs/fleet-scenarios.md describes the files.
 *
 * `… -- --random --hosts 1..3 --slots 2|4 --seeds 1..40 [--policy …] [--json]`: the same on random fleets, by the medians. A planner
 * knows the graph, the numbers of calls and the pauses there, and of the lengths the mean of each model.
 *
 * `… -- --decision [--json]`: how long one decision takes with 12 hosts, 20 models and 500 calls that wait. Exits with 1 at 100 ms
 * or more at the median.
 */
import { parseArgs } from 'node:util';
import { lowerBound } from './fleet/bounds.ts';
import { timeDecisions } from './fleet/decision.ts';
import { optimumMs } from './fleet/optimum.ts';
import { policies } from './fleet/policies.ts';
import { randomWork } from './fleet/randomWork.ts';
import { type Run, reportOf, reportText } from './fleet/report.ts';
import { scenarioNamed } from './fleet/scenarioFile.ts';
import { sessionBoundMs } from './fleet/sessionBound.ts';
import { runFleet } from './fleet/virtualFleet.ts';
import { type Work, workOf } from './fleet/work.ts';

const decisionFloorMs = 100;

const runOf = (work: Work, chosen: readonly string[]): Run => ({
  outcomes: chosen.flatMap((name) => {
    const policy = policies[name]?.(work);
    return policy === undefined ? [] : runFleet(work, policy);
  }),
  boundMs: lowerBound(work).boundMs,
  optimumMs: optimumMs(work),
});

/** `3`, or `1..40`. */
const rangeOf = (option: string, text: string): readonly number[] => {
  const [, from, to] = /^(\d{1,6})(?:\.\.(\d{1,6}))?$/.exec(text) ?? [];
  if (from === undefined || Number(to ?? from) < Number(from) || Number(from) < 1) {
    throw new Error(`--${option} ${text}: expected a number from 1, or a range such as 1..40.`);
  }
  return Array.from({ length: Number(to ?? from) - Number(from) + 1 }, (_, index) => Number(from) + index);
};

const namesOf = (policy: string): readonly string[] => {
  const known = Object.keys(policies);
  if (policy !== 'all' && !known.includes(policy)) {
    throw new Error(`--policy ${policy}: no such policy. Known: all, ${known.join(', ')}.`);
  }
  return policy === 'all' ? known : [policy];
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string' },
      loaded: { type: 'string', multiple: true, default: [] },
      policy: { type: 'string', default: 'all' },
      random: { type: 'boolean', default: false },
      hosts: { type: 'string', default: '1..3' },
      slots: { type: 'string' },
      seeds: { type: 'string', default: '1..40' },
      decision: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const say = (text: string, json: unknown): void => console.log(values.json ? JSON.stringify(json) : text);
  if (values.decision) {
    const time = timeDecisions(25);
    say(
      `one decision with ${time.hosts} hosts, ${time.models} models and ${time.readyCalls} calls that wait: ${time.medianMs} ms at the median, ${time.maxMs} ms at most`,
      { ...time, floorMs: decisionFloorMs },
    );
    process.exitCode = time.medianMs < decisionFloorMs ? 0 : 1;
    return;
  }
  const chosen = namesOf(values.policy);
  if (!values.random) {
    const scenario = await scenarioNamed(values.scenario ?? 'seed-c', values.loaded);
    const work = workOf(scenario);
    const run = runOf(work, chosen);
    const report = reportOf([{ ...run, boundMs: Math.max(run.boundMs, sessionBoundMs(work)) }]);
    say(reportText(`${scenario.name}: ${scenario.about}`, report), report);
    return;
  }
  const seeds = rangeOf('seeds', values.seeds);
  const slotCounts = values.slots === undefined ? [2, 4] : rangeOf('slots', values.slots);
  const fleets = rangeOf('hosts', values.hosts).flatMap((hosts) =>
    slotCounts.map((slots) => ({ hosts, slots })),
  );
  const reports = fleets.map(({ hosts, slots }) => {
    const report = reportOf(seeds.map((seed) => runOf(randomWork({ seed, hosts, slots }), chosen)));
    if (!values.json)
      console.log(reportText(`${hosts} hosts with ${slots} slots, ${seeds.length} seeds`, report));
    return { hosts, slots, ...report };
  });
  const [only] = reports;
  if (values.json) console.log(JSON.stringify(reports.length === 1 ? only : { fleets: reports }));
};

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
