import type { Client, WorkflowHandle } from '@temporalio/client';

/** How long a worker may take to answer. A query waits for ever when no worker polls. */
const patienceMs = 10_000;

/** Runs calls to the town with a deadline, so that a town without workers is told as such and not waited for. */
export const within = async <T>(client: Client, call: () => Promise<T>, ms = patienceMs): Promise<T> =>
  await client.connection.withDeadline(Date.now() + ms, call);

/** The answer of a query; undefined when that workflow cannot give one. For overviews, where one gap is no failure. */
export const askMaybe = async <T>(
  client: Client,
  handle: WorkflowHandle,
  query: string,
): Promise<T | undefined> => await within(client, () => handle.query<T>(query), 5_000).catch(() => undefined);

/** Ids of workflows of one type, newest first. */
export const idsOf = async (
  client: Client,
  type: string,
  onlyRunning: boolean,
  most = 50,
): Promise<string[]> => {
  const running = onlyRunning ? ' AND ExecutionStatus = "Running"' : '';
  const ids = new Set<string>();
  for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = "${type}"${running}` })) {
    ids.add(workflowId);
    if (ids.size >= most) break;
  }
  return [...ids];
};
