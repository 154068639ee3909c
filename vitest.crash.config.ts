import { defineConfig } from 'vitest/config';

/** The crash suite: minutes, processes killed at chosen and random points. One file at a time, so that kills meet a busy town, not a busy machine. */
export default defineConfig({
  test: {
    include: ['test/crash/**/*.test.ts'],
    globalSetup: ['test/support/globalSetup.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
