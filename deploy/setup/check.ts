/** `npm run check`: types, lint and format, side by side. The boundary test belongs to it too, and is one file of vitest. */
import { pathToFileURL } from 'node:url';
import { runTool, type ToolRun } from './tool.ts';

interface Check {
  readonly title: string;
  readonly run: () => Promise<ToolRun>;
}

const checks: readonly Check[] = [
  { title: 'types', run: () => runTool('typescript', 'tsc', ['-p', '.']) },
  { title: 'types of workflows (no Node)', run: () => runTool('typescript', 'tsc', ['-p', 'workflows']) },
  { title: 'lint', run: () => runTool('oxlint', 'oxlint', ['--type-aware', '--deny-warnings', '.']) },
  { title: 'format', run: () => runTool('@biomejs/biome', 'biome', ['check', '--error-on-warnings', '.']) },
];

const boundaries: Check = {
  title: 'boundaries',
  run: () =>
    runTool('vitest', 'vitest', ['run', '--config', 'vitest.bare.config.ts', 'test/boundaries.test.ts']),
};

/** Prints one line a check and the whole output of those that fail. Resolves with the titles of the failed ones. */
export const runChecks = async (which: readonly Check[] = checks): Promise<string[]> => {
  const results = await Promise.all(
    which.map(async (check) => {
      const { status, output, ms } = await check.run();
      console.log(`${status === 0 ? '✓' : '✗'} ${check.title} (${(ms / 1000).toFixed(1)} s)`);
      return { ...check, status, output };
    }),
  );
  const failed = results.filter(({ status }) => status !== 0);
  for (const { title, output } of failed) console.log(`\n── ${title} ──\n${output.trim()}`);
  return failed.map(({ title }) => title);
};

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const failed = await runChecks([...checks, boundaries]);
  if (failed.length > 0) {
    console.log(
      `\nFailed: ${failed.join(', ')}. Next: \`npm run format\` repairs the format; the rest is yours.`,
    );
    process.exitCode = 1;
  }
}
