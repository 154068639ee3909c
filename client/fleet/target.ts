import { fleetFacts } from '../../deploy/config/fleetFacts.ts';
import type { TownConfig } from '../../deploy/config/index.ts';
import { fitsTogether } from '../../workflows/domain/fleet/memory.ts';
import { exitCode } from '../exitCodes.ts';
import { ClientError } from '../trouble.ts';
import { unknownName } from '../unknownName.ts';

/** Refuses a host that is not there, models that it does not serve, and several that it cannot hold together. */
export const checkTarget = (
  { hosts, models }: Pick<TownConfig, 'hosts' | 'models'>,
  host: string,
  wanted: readonly string[],
): void => {
  const facts = fleetFacts(hosts, models);
  const found = facts.hosts.find((one) => one.host === host);
  if (found === undefined)
    throw unknownName({
      ...{ noun: 'host', name: host, known: hosts.map(({ name }) => name), where: 'gastown.yaml' },
      see: 'gt host list',
    });
  for (const model of wanted) {
    if (!found.serves.includes(model))
      throw unknownName({
        ...{ noun: 'model', name: model, known: found.serves, where: `the host ${host}` },
        see: 'gt host list',
      });
  }
  const asked = wanted.flatMap((key) => facts.models.find((model) => model.key === key) ?? []);
  const twin = asked.find((one, at) => asked.slice(0, at).some(({ weights }) => weights === one.weights));
  if (asked.length > 1 && !found.coresident && twin !== undefined)
    throw together(host, wanted, {
      evidence: `two of them are the same weights, ${twin.weights}, and displace each other`,
      next: 'Name the one with the larger context: it serves the calls of the other one too.',
    });
  if (fitsTogether(found, asked)) return;
  const sizes = asked.map(({ bytes }) => (bytes === undefined ? 'an unknown size' : gib(bytes)));
  throw together(host, wanted, {
    evidence:
      found.memory === undefined
        ? `hosts.${host}.memory is not set, so one model at a time`
        : `hosts.${host} has ${gib(found.memory)} for models; they take ${sizes.join(' and ')}`,
    next: 'Name fewer models; or set memory of the host and of these models in gastown.yaml.',
  });
};

const together = (
  host: string,
  wanted: readonly string[],
  more: { readonly evidence: string; readonly next: string },
): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'BadTarget',
    what: `The host ${host} cannot hold ${wanted.join(' and ')} together.`,
    ...more,
  });

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
