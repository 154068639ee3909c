import { fleetFacts } from '../../deploy/config/fleetFacts.ts';
import type { TownConfig } from '../../deploy/config/index.ts';
import type { Steer } from '../../workflows/domain/fleet/status.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { steer } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import type { Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { ClientError } from '../trouble.ts';
import { unknownName } from '../unknownName.ts';

type Order = 'pin' | 'unpin' | 'drain' | 'swap';

/** `gt fleet pin|unpin|drain|swap HOST [MODEL…]` */
export const steering =
  (order: Order) =>
  async (
    call: Call<{ readonly off?: boolean }>,
    host: string,
    models: readonly string[] | object = [],
  ): Promise<Answer> => {
    const wanted = Array.isArray(models) ? [...new Set(models as string[])] : [];
    const { config } = await call.configured();
    checkHost(config, host, wanted);
    const { client } = await call.town();
    const request = requestOf(order, host, { models: wanted, off: call.options.off === true });
    const said = await within(client, () =>
      client.workflow.getHandle(workflowId.fleet).executeUpdate(steer, { args: [request] }),
    );
    return { data: { ...request, said }, lines: () => [`${said}.`] };
  };

const requestOf = (
  order: Order,
  host: string,
  { models, off }: { readonly models: readonly string[]; readonly off: boolean },
): Steer => {
  if (order === 'pin') return { host, to: 'pin', models };
  if (order === 'swap') return { host, to: 'load', models };
  if (order === 'unpin') return { host, to: 'unpin' };
  return { host, to: off ? 'undrain' : 'drain' };
};

const checkHost = ({ hosts, models }: TownConfig, host: string, wanted: readonly string[]): void => {
  const found = hosts.find(({ name }) => name === host);
  const where = 'gastown.yaml';
  if (found === undefined)
    throw unknownName({
      ...{ noun: 'host', name: host, known: hosts.map(({ name }) => name), where },
      see: 'gt fleet status',
    });
  const facts = fleetFacts(hosts, models).hosts.find((one) => one.host === host);
  const served = facts?.serves ?? [];
  for (const model of wanted) {
    if (!served.includes(model))
      throw unknownName({
        ...{ noun: 'model', name: model, known: served, where: `the host ${host}` },
        see: 'gt host list',
      });
  }
  const bytes = models.filter(({ key }) => wanted.includes(key)).map(({ memoryBytes }) => memoryBytes);
  const room = facts?.memory;
  const fits =
    wanted.length < 2 ||
    found.coresident ||
    (room !== undefined &&
      bytes.reduce<number>((sum, one) => sum + (one ?? Number.POSITIVE_INFINITY), 0) <= room);
  if (!fits)
    throw new ClientError(exitCode.badInput, {
      type: 'BadTarget',
      what: `The host ${host} cannot hold ${wanted.join(' and ')} together.`,
      evidence:
        room === undefined
          ? `hosts.${host}.memory is not set, so one model at a time`
          : `hosts.${host} has ${gib(room)} for models; they take ${bytes.map((one) => (one === undefined ? 'an unknown size' : gib(one))).join(' and ')}`,
      next: 'Name fewer models; or set memory of the host and of these models in gastown.yaml.',
    });
};

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
