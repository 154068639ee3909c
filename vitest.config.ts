import { defineConfig } from 'vitest/config';
import { walks } from './test/walks.ts';

/** Everything but the crash suite, which kills what other tests stand on, and the walks through whole towns. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/crash/**', ...walks, '**/node_modules/**'],
    globalSetup: ['test/support/globalSetup.ts'],
    // Native modules (the Temporal core) crash in worker threads.
    pool: 'forks',
    // Three on a machine of two cores, where the default is one: these tests wait for servers, git and gates much of the time.
    maxWorkers: 3,
    testTimeout: 180_000,
    hookTimeout: 240_000,
  },
});
