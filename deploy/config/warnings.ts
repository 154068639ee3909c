import { leastPart } from '../../workflows/domain/budget/allowance.ts';
import { moneyText, mostFor } from '../../workflows/domain/budget/money.ts';
import type { TownConfig } from './townConfig.ts';

/** Below this a polecat's prompt has hardly room for the files that it is about. Tokens. */
const smallContext = 8_192;

/** What a person should know although the town runs with it. */
export const warningsOf = (config: Omit<TownConfig, 'warnings'>): string[] => [
  ...config.models
    .filter(({ context }) => context < smallContext)
    .map(
      ({ key, context }) =>
        `models.${key}.context is ${context}: with less than ${smallContext} tokens, prompts with whole files rarely fit.`,
    ),
  ...config.hosts
    .filter(({ name }) => !config.models.some(({ hosts }) => hosts.includes(name)))
    .map(({ name }) => `hosts.${name} serves no model.`),
  ...tooLarge(config),
  ...config.rigs
    .filter(({ setup, caches }) => setup !== undefined && caches.length === 0)
    .map(({ name }) => `rigs.${name}.setup makes no caches, so worktrees get nothing of what it does.`),
  ...dayTooSmall(config),
  ...moneyDayTooSmall(config),
  ...pricesMissing(config),
  ...(config.rigs.some(({ sandbox }) => sandbox === 'off')
    ? ['sandbox is off: what models write runs as this user, with this user’s files and network.']
    : []),
  ...config.rigs
    .filter(({ network, sandbox }) => network === 'host' && sandbox !== 'off')
    .map(
      ({ name }) =>
        `rigs.${name}.network is host: gates reach all that listens on this machine, model servers and this town among it. List what they need, such as localhost:5432.`,
    ),
  ...config.rigs
    .filter(({ network, sandbox }) => typeof network === 'object' && sandbox === 'off')
    .map(({ name }) => `rigs.${name}.network lists hosts, which nothing holds while sandbox is off.`),
];

/** A server may put a part of it elsewhere, slowly; it never fits beside another, and most fail to load it. */
const tooLarge = ({ hosts, models }: Pick<TownConfig, 'hosts' | 'models'>): string[] =>
  hosts.flatMap(({ name, memoryBytes, reserveBytes = 0 }) =>
    models.flatMap(({ key, hosts: on, memoryBytes: takes }) => {
      if (memoryBytes === undefined || takes === undefined || !on.includes(name)) return [];
      const room = memoryBytes - reserveBytes;
      if (takes <= room) return [];
      const left = reserveBytes === 0 ? '' : `, without the ${sizeText(reserveBytes)} of its reserve`;
      return `models.${key} does not fit into hosts.${name}: it takes ${sizeText(takes)} (memory), and the host has ${sizeText(room)} for models${left}. Take ${name} out of models.${key}.hosts, or correct the one or the other.`;
    }),
  );

const sizeText = (bytes: number): string => `${Number((bytes / 2 ** 30).toFixed(1))}GiB`;

/** A convoy that is told to ask again tomorrow would do so for ever. */
const dayTooSmall = ({
  tokensPerDay,
  limits: { caps },
}: Pick<TownConfig, 'tokensPerDay' | 'limits'>): string[] =>
  tokensPerDay === undefined || tokensPerDay >= leastPart(caps.tokens)
    ? []
    : [
        `town.budget.tokensPerDay is ${tokensPerDay}: a bead may use ${caps.tokens} (limits.bead.tokens) and starts with no less than ${leastPart(caps.tokens)}, so none ever starts.`,
      ];

type Paid = Pick<TownConfig, 'moneyPerDay' | 'currency' | 'ladders' | 'limits' | 'mayor'>;

const moneyDayTooSmall = ({ moneyPerDay, currency, ladders, limits: { caps } }: Paid): string[] => {
  const costs = Object.values(ladders).map((ladder) => {
    const prices = ladder.map(({ price }) => price);
    return Math.min(caps.money ?? Number.MAX_SAFE_INTEGER, mostFor(caps.tokens, prices));
  });
  const least = leastPart(Math.min(...costs));
  return moneyPerDay === undefined || costs.length === 0 || moneyPerDay >= least
    ? []
    : [
        `town.budget.moneyPerDay is ${moneyText(moneyPerDay, currency)}: a bead starts with no less than ${moneyText(least, currency)}, a quarter of what it may cost, so none ever starts. Set a lower limits.bead.money.`,
      ];
};

/** Who limits money thinks that something costs some. */
const pricesMissing = ({ moneyPerDay, limits, ladders, mayor }: Paid): string[] => {
  const isLimited = [moneyPerDay, limits.moneyPerConvoy, limits.caps.money].some((one) => one !== undefined);
  const prices = [
    mayor?.price,
    ...Object.values(ladders).flatMap((ladder) => ladder.map(({ price }) => price)),
  ];
  return isLimited && prices.every((price) => price === undefined)
    ? ['A budget of money is set, and no model has a price: nothing counts against it.']
    : [];
};
