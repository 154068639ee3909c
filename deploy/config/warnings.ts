import { leastPart } from '../../workflows/domain/allowance.ts';
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
  ...config.rigs
    .filter(({ setup, caches }) => setup !== undefined && caches.length === 0)
    .map(({ name }) => `rigs.${name}.setup makes no caches, so worktrees get nothing of what it does.`),
  ...dayTooSmall(config),
  ...(config.rigs.some(({ sandbox }) => sandbox === 'off')
    ? ['sandbox is off: what models write runs as this user, with this user’s files and network.']
    : []),
];

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
