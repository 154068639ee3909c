import type { Steering } from '../../workflows/domain/fleet/known.ts';
import type { Steer } from '../../workflows/domain/fleet/status.ts';
import { loadFault } from '../../workflows/domain/fleet/steerFault.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { steer } from '../../workflows/messages.ts';
import type { Answer } from '../answer.ts';
import { within } from '../ask.ts';
import type { Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { ClientError } from '../trouble.ts';
import { askFleet } from './ask.ts';
import { checkTarget } from './target.ts';

export type Order = 'pin' | 'unpin' | 'drain' | 'swap';

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
    checkTarget(config, host, wanted);
    const { client } = await call.town();
    const { hosts } = await askFleet(client);
    const standing = hosts.find(({ report }) => report.host === host)?.steering ?? {};
    checkStanding(order, host, standing);
    const request = requestOf(order, host, { models: wanted, off: call.options.off === true });
    const said = await within(client, () =>
      client.workflow.getHandle(workflowId.fleet).executeUpdate(steer, { args: [request] }),
    );
    return { data: { ...request, said }, lines: () => [`${said}.`, ...laterText(order, host, standing)] };
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

/** Refused before it is asked, as the fleet would. */
export const checkStanding = (order: Order, host: string, standing: Steering): void => {
  const fault = order === 'swap' ? loadFault(host, standing) : undefined;
  if (fault === undefined) return;
  const { type, why, evidence, next } = fault;
  throw new ClientError(exitCode.refused, { type, what: why, evidence, next });
};

/** What is said of a pin on a host that is drained. */
const laterText = (order: Order, host: string, { drained }: Steering): readonly string[] =>
  order === 'pin' && drained
    ? [`It is drained, so that begins when it takes calls again: gt fleet drain ${host} --off`]
    : [];
