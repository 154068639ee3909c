import { defineConfig } from 'vitest/config';

/** Everything but the crash suite, which kills what other tests stand on. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/crash/**', '**/node_modules/**'],
    globalSetup: ['test/support/globalSetup.ts'],
    // Native modules (the Temporal core) crash in worker threads.
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
