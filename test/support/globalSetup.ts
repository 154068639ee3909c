import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import { startDevServer } from '../../deploy/server/devServer.ts';
import { ensureTemporal } from '../../deploy/setup/temporal.mjs';

/** What every test file can `inject`. */
export interface Provided {
  /** `host:port` of this run's own dev server. */
  readonly temporalAddress: string;
  /** A namespace that tests share; use `freshNamespace` where ids such as `town` would meet. */
  readonly namespace: string;
  /** The bundle of workflows/index.ts as a file, for `workflowBundle: {codePath}`. */
  readonly bundlePath: string;
  /** Path of the `temporal` command line. */
  readonly temporalCli: string;
}

declare module 'vitest' {
  export interface ProvidedContext extends Provided {}
}

/** One real server and one bundle for the whole run. Returns the teardown. */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), 'gastown-test-'));
  const temporalCli = process.env['GASTOWN_TEMPORAL_CLI'] ?? (await ensureTemporal());
  const bundlePath = join(folder, 'workflows.js');
  const [server] = await Promise.all([
    startDevServer({
      binary: temporalCli,
      namespace: 'gastown-test',
      ui: false,
      logFile: join(folder, 'temporal.log'),
    }),
    bundle(bundlePath),
  ]);
  project.provide('temporalAddress', server.address);
  project.provide('namespace', server.namespace);
  project.provide('bundlePath', bundlePath);
  project.provide('temporalCli', temporalCli);
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
};

/** A bundle that does not build fails the tests that need it, and no others. */
const bundle = async (path: string): Promise<void> => {
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  try {
    const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
    await writeFile(path, code);
  } catch (error) {
    console.error(
      'The workflow bundle does not build, see above:',
      error instanceof Error ? error.message : error,
    );
  }
};
