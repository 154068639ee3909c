import { DefaultLogger, type Logger, type LogLevel } from '@temporalio/worker';
import { type Logger as Pino, pino } from 'pino';
import { createConcealer } from '../activities/secrets/concealer.ts';

/** JSON lines on stderr, which the supervisor writes to the log file of the process. Secrets are cut out by name, shape and value. */
export const createLogger = (role: string, { conceal } = createConcealer()): Pino => {
  const stderr = pino.destination({ fd: 2, sync: true });
  return pino(
    {
      name: role,
      level: process.env.GASTOWN_LOG ?? 'info',
      redact: ['apiKey', 'authorization', 'headers', '*.apiKey', '*.authorization', '*.headers'],
    },
    { write: (line) => void stderr.write(conceal(line)) },
  );
};

const levels: Readonly<Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'>> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** Temporal's own messages in the same log, from warnings on. */
export const temporalLogger = (log: Pino): Logger =>
  new DefaultLogger('WARN', ({ level, message, meta }) => log[levels[level]]({ ...meta }, message));
