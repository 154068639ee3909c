import type { Client } from '@temporalio/client';
import type { ModelSettings } from '../../workflows/domain/host/model.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { hostStatus } from '../../workflows/messages.ts';
import type { ModelOutlook, TownPort } from '../../workflows/ports.ts';
import { failure } from '../failure.ts';

/** Asks the hosts of a model, by query, whether they serve it (now or in its turn) and why not. */
export const createOutlook = (deps: {
  readonly client: Client;
  readonly models: ReadonlyMap<string, ModelSettings>;
}): Pick<TownPort, 'modelOutlook'> => ({
  async modelOutlook(model) {
    const hosts = deps.models.get(model)?.hosts ?? [];
    const answers = await Promise.all(hosts.map((host) => lookAt(deps.client, host, model)));
    return {
      open: answers.flatMap(({ host, closed }) => (closed === undefined ? [host] : [])),
      closed: answers.flatMap(({ host, closed }) => (closed === undefined ? [] : [{ host, ...closed }])),
    };
  },
});

type Closed = Omit<ModelOutlook['closed'][number], 'host'>;

const lookAt = async (
  client: Client,
  host: string,
  model: string,
): Promise<{ readonly host: string; readonly closed: Closed | undefined }> => {
  try {
    const status = await client.workflow.getHandle(workflowId.host(host)).query(hostStatus);
    if (status.attempt === 0) return { host, closed: { failure: unheard(host, model), terminal: false } };
    // A model in neither list only waits for its turn on this host: that may take hours, and is normal.
    const closed = status.closed.find((each) => each.model === model);
    const { quietUntil: until } = status;
    return { host, closed: closed?.failure.type === 'HostQuiet' && until ? { ...closed, until } : closed };
  } catch (error) {
    return { host, closed: { failure: unheard(host, model, error), terminal: false } };
  }
};

const unheard = (host: string, model: string, error?: unknown) =>
  failure('HostDown', {
    what: `The host ${host} has not reported ${model} as ready.`,
    evidence: error instanceof Error ? error.message : 'Its lease has reported nothing about the model yet.',
    next: 'See the hosts with: gt status; the log of the hosts worker is in the logs folder of the home.',
  });
