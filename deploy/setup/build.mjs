import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from './command.mjs';
import { announce, tail } from './problem.mjs';
import { temporalVersion } from './repository.mjs';

const oldestGo = [1, 26];

/** Builds Temporal's command line from deploy/temporal/go.mod. Returns why it could not, in a few lines, or undefined. */
export const buildTemporal = async ({ root, cache, env, to }) => {
  const fault = await goFault(env);
  if (fault !== undefined) return fault;

  const version = temporalVersion(root);
  announce(
    `Building Temporal ${version} from Go modules into ${cache} (about 7 minutes on 2 cores, once; seconds when Go's cache is warm) …`,
  );
  const started = Date.now();
  const minutes = () => Math.round((Date.now() - started) / 60_000);
  const tick = setInterval(() => announce(`… still building, ${minutes()} min`), 60_000);
  const draft = join(cache, `build-${process.pid}`);
  try {
    const { status, output } = await command('go', buildArgs(version, draft), {
      cwd: join(root, 'deploy/temporal'),
      // The pure Go SQLite needs no C compiler; GOFLAGS and workspaces of the user would change what is built.
      env: { ...env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
    });
    if (status !== 0)
      return `go build in deploy/temporal failed (${status === null ? 'did not run to its end' : `exit status ${status}`}):\n${tail(output, 8)}`;
    await rename(draft, to);
    announce(`Built in ${Math.round((Date.now() - started) / 1000)} s.`);
  } finally {
    clearInterval(tick);
    await rm(draft, { force: true });
  }
};

const buildArgs = (version, draft) => [
  'build',
  // Without paths in it, another clone's or user's build fills the same cache entries.
  '-trimpath',
  '-mod=readonly',
  '-ldflags',
  `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${version}`,
  '-o',
  draft,
  'github.com/temporalio/cli/cmd/temporal',
];

const goFault = async (env) => {
  const { status, output } = await command('go', ['env', 'GOVERSION'], { env, timeoutMs: 20_000 });
  if (status !== 0) return `Go modules: there is no Go on PATH`;
  const [, major, minor] = output.match(/go(\d+)\.(\d+)/) ?? [];
  const fits = Number(major) > oldestGo[0] || (Number(major) === oldestGo[0] && Number(minor) >= oldestGo[1]);
  return fits ? undefined : `Go modules: Go is ${output.trim()}, needed is ${oldestGo.join('.')} or newer`;
};
