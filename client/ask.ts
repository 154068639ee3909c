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

/** The newest run of every workflow of one type that the query finds, newest first, with its status: `RUNNING`, `FAILED`, … */
export const runsOf = async (
  client: Client,
  type: string,
  where: string,
  most = 50,
): Promise<readonly { readonly id: string; readonly status: string }[]> => {
  const newest = new Map<string, string>();
  for await (const { workflowId, status } of client.workflow.list({
    query: `WorkflowType = "${type}" AND (${where})`,
  })) {
    if (!newest.has(workflowId)) newest.set(workflowId, status.name);
    if (newest.size >= most) break;
  }
  return [...newest].map(([id, status]) => ({ id, status }));
};

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
