/**
 * `npm run bench:fleet -- --scenario FILE|seed-a|seed-b|seed-b-no-cloud|seed-c|seed-c-dominance|seed-c-coresident|seed-c-two-hosts
 * [--loaded HOST=MODEL] [--policy all|NAME] [--json]`: how long a piece of work takes a fleet, in virtual time. `planned` is the town's own planner, asked
 * at every event; `setup-aware` its base rule alone; `least-connections` what a balancer before Ollama does, `collating` llama-swap,
 * `exhaustive` pulling until nothing waits. docs/fleet-scenarios.md describes the files.
 *
 * `… -- --random --hosts 1..3 --slots 2|4 --seeds 1..40 [--policy …] [--json]`: the same on random fleets, by the medians. A planner
 * knows the graph, the numbers of calls and the pauses there, and of the lengths the mean of each model.
 *
 * `… -- --decision [--json]`: how long one decision takes with 12 hosts, 20 models and 500 calls that wait. Exits with 1 at 100 ms
 * or more at the median.
 */
import { fleetArguments } from './fleet/arguments.ts';
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

const main = async (): Promise<void> => {
  const { json, policies: chosen, work: asked } = fleetArguments(process.argv.slice(2));
  const say = (text: string, data: unknown): void => console.log(json ? JSON.stringify(data) : text);
  if (asked.kind === 'decision') {
    const time = timeDecisions(25);
    say(
      `one decision with ${time.hosts} hosts, ${time.models} models and ${time.readyCalls} calls that wait: ${time.medianMs} ms at the median, ${time.maxMs} ms at most`,
      { ...time, floorMs: decisionFloorMs },
    );
    process.exitCode = time.medianMs < decisionFloorMs ? 0 : 1;
    return;
  }
  if (asked.kind === 'scenario') {
    const scenario = await scenarioNamed(asked.scenario, asked.loaded);
    const work = workOf(scenario);
    const run = runOf(work, chosen);
    const report = reportOf([{ ...run, boundMs: Math.max(run.boundMs, sessionBoundMs(work)) }]);
    say(reportText([scenario.name, scenario.about].filter((one) => one !== '').join(': '), report), report);
    return;
  }
  const fleets = asked.hosts.flatMap((hosts) => asked.slots.map((slots) => ({ hosts, slots })));
  const reports = fleets.map(({ hosts, slots }) => {
    const report = reportOf(asked.seeds.map((seed) => runOf(randomWork({ seed, hosts, slots }), chosen)));
    if (!json) console.log(reportText(titleOf(hosts, slots, asked.seeds.length), report));
    return { hosts, slots, ...report };
  });
  const [only] = reports;
  if (json) console.log(JSON.stringify(reports.length === 1 ? only : { fleets: reports }));
};

const titleOf = (hosts: number, slots: number, seeds: number): string =>
  `${hosts} ${hosts === 1 ? 'host' : 'hosts'} with ${slots} ${slots === 1 ? 'slot' : 'slots'}, ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`;

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
});
