import type { Client } from '@temporalio/client';
import type { ConvoyReport } from '../../workflows/domain/report/convoyReport.ts';
import { reportMarkdown } from '../../workflows/domain/report/reportMarkdown.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import type { Call } from '../call.ts';
import { type ExitCode, exitCode } from '../exitCodes.ts';
import type { Reached } from '../reach.ts';
import { reportPage } from '../render/reportPage.ts';
import { readTarget } from '../targets.ts';
import { ClientError } from '../trouble.ts';

interface Options {
  readonly md?: boolean;
}

const dayMs = 24 * 3_600_000;

/** The answer of `gt report`. */
export const report = async (call: Call<Options>, name: string | undefined): Promise<Answer> => {
  const named = name === undefined ? undefined : readTarget(name, ['convoy']).convoy;
  if (call.options.md && call.options.json) throw twoForms();
  const town = await call.town();
  const { client } = town;
  const { readReport } = await import('../../deploy/report/readReport.ts');
  const places = { client, ...placesOf(town) };
  const reports: ConvoyReport[] = [];
  if (named !== undefined) reports.push(await readReport(places, named));
  else for (const convoy of await lately(client)) reports.push(await readReport(places, convoy));
  return {
    data: { reports },
    meta: { count: reports.length },
    asIs: call.options.md === true && reports.length > 0,
    lines: (terminal) => {
      if (reports.length === 0)
        return ['No convoy runs, and none has ended in the last 24 hours. See all: `gt convoy list`'];
      const pages = reports.map((one) =>
        call.options.md ? reportMarkdown(one).split('\n') : reportPage(one, terminal),
      );
      return pages.flatMap((page, at) => (at === 0 ? page : ['', ...page]));
    },
    code: reports.map(codeOf).find((code) => code !== exitCode.ok) ?? exitCode.ok,
  };
};

/** Without a configuration, hosts are not asked, and times are those of this machine. */
const placesOf = ({ home, config }: Reached) => ({
  home,
  hosts: config?.hosts.map(({ name }) => name) ?? [],
  timeZone: config?.timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
});

/** Names of the convoys that run or have ended lately, newest first. */
const lately = async (client: Client): Promise<readonly string[]> => {
  const since = new Date(Date.now() - dayMs).toISOString();
  const query = `WorkflowType = "convoy" AND (ExecutionStatus = "Running" OR CloseTime > "${since}")`;
  return await within(client, async () => {
    const names = new Set<string>();
    for await (const { workflowId } of client.workflow.list({ query })) {
      names.add(workflowId.slice('convoy/'.length));
      if (names.size >= 20) break;
    }
    return [...names];
  });
};

const codeOf = ({ state, totals }: ConvoyReport): ExitCode =>
  state === 'failed' || state === 'ended' || totals.blocked > 0 ? exitCode.failed : exitCode.ok;

const twoForms = (): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'TwoForms',
    what: 'A report is Markdown or JSON, not both.',
    evidence: '--md and --json are both given',
    next: 'Leave one of them out. The JSON has everything that the Markdown has.',
  });
