import type { Client } from '@temporalio/client';
import type { TownConfig } from '../../deploy/config/index.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { nearest } from '../../workflows/domain/nearest.ts';
import type { OwnMayor } from '../../workflows/domain/plan/mayor.ts';
import type { HostStatus } from '../../workflows/domain/report/report.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { askMaybe } from '../ask.ts';
import { exitCode } from '../exitCodes.ts';
import { ClientError } from '../trouble.ts';

interface Wanted {
  readonly config: TownConfig;
  readonly client: Client;
  /** Key of the model. */
  readonly model: string;
  readonly bead: string;
  /** Whether the person named it. */
  readonly named: boolean;
}

/** The model to ask, when the town has it and a host may serve it. Waiting for a swap is normal; a host that is down is not. */
export const mediumOf = async (wanted: Wanted): Promise<OwnMayor> => {
  const { config, client, model: key, bead } = wanted;
  const model = config.models.find((one) => one.key === key);
  if (model === undefined) throw unknownModel(wanted);
  const seen = await Promise.all(
    model.hosts.map((host) =>
      askMaybe<HostStatus>(client, client.workflow.getHandle(workflowId.host(host)), 'hostStatus'),
    ),
  );
  const closed = seen.map((host) => host?.closed.find((one) => one.model === key)?.failure);
  if (closed.length > 0 && closed.every((failure) => failure !== undefined)) {
    const [failure] = closed;
    const others = config.models.filter((one) => one.key !== key).map((one) => one.key);
    throw new ClientError(exitCode.refused, {
      type: 'ModelNotServed',
      what: `No host serves the model ${oneLine(key, 60)} now.`,
      evidence: `${failure?.type}: ${failure?.what}`,
      next: `See the hosts with \`gt status\`${others.length === 0 ? '' : `, or ask another model: \`gt seance ${bead} … --model ${others[0]}\``}.`,
    });
  }
  const { callTimeoutMs, price } = model;
  return { kind: 'own', model: key, callTimeoutMs, ...(price === undefined ? {} : { price }) };
};

const unknownModel = ({ config, model, bead, named }: Wanted): ClientError => {
  const known = config.models.map(({ key }) => key);
  const meant = nearest(model, known);
  return new ClientError(exitCode.badInput, {
    type: 'UnknownModel',
    what: named
      ? `The town has no model ${oneLine(model, 60)}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`
      : `${bead} was done by the model ${oneLine(model, 60)}, which the configuration does not have any more.`,
    evidence: `models: ${known.join(', ')}`,
    next: `Ask one of these: \`gt seance ${bead} … --model ${meant ?? known[0] ?? 'KEY'}\`.`,
  });
};
