import { defineConfig } from 'vitest/config';
import { walks } from './test/walks.ts';

/** Whole towns, walked through with the real `gt`; see `walks`. */
export default defineConfig({
  test: {
    include: walks,
    globalSetup: ['test/support/globalSetup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
