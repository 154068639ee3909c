import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { type Concealer, concealedDeep, createConcealer } from '../activities/secrets/concealer.ts';
import type { TownConfig } from '../deploy/config/index.ts';

/** The concealer of a worker process: shapes, and the keys that its configuration names, by their values. */
export const concealerFor = (config: TownConfig, env: NodeJS.ProcessEnv = process.env): Concealer => {
  const { hosts, mayor, notify } = config;
  const names = [
    ...hosts.map(({ apiKeyEnv }) => apiKeyEnv),
    mayor?.kind === 'cloud' ? mayor.apiKeyEnv : undefined,
    notify.webhookEnv,
    'TEMPORAL_API_KEY',
  ];
  return createConcealer(names.flatMap((name) => (name === undefined ? [] : (env[name] ?? []))));
};

/** Takes secrets out of what activities return and throw, before it is written into a history for as long as that is kept. */
export const concealResults =
  ({ conceal }: Concealer): ActivityInterceptorsFactory =>
  () => ({
    inbound: {
      async execute(input, next) {
        try {
          return concealedDeep(await next(input), conceal);
        } catch (error) {
          throw concealedError(error, conceal);
        }
      },
    },
  });

const concealedError = (error: unknown, conceal: (text: string) => string): unknown => {
  if (!(error instanceof Error)) return error;
  // Changed in place: a copy would lose its class, by which Temporal tells failures apart.
  error.message = conceal(error.message);
  if (error.stack !== undefined) error.stack = conceal(error.stack);
  if (error instanceof ApplicationFailure && error.details)
    error.details.splice(0, error.details.length, ...error.details.map((one) => concealedDeep(one, conceal)));
  if (error.cause !== undefined) concealedError(error.cause, conceal);
  return error;
};
