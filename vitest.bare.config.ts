import { defineConfig } from 'vitest/config';

/** For tests that need no server, where seconds count: `npm run check`. */
export default defineConfig({ test: { include: ['test/**/*.test.ts'] } });
