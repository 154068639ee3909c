import { type Finding, isIll, isPoor, isWell } from '../../workflows/domain/finding.ts';
import { type Cluster, connectClient, externalCluster, plainCluster } from '../server/connect.ts';
import { cacheFolder, findTemporal } from '../setup/temporal.mjs';
import { TownError } from '../town/trouble.ts';
import { checkNamespace } from './namespace.ts';
import { type Configured, type Diagnosis, isConfigured, type Patient } from './patient.ts';
import { isOlder } from './programs.ts';

const check = 'temporal';

/** Fairness of task queues is not in older servers. */
const oldestServer = [1, 29] as const;

/** The Temporal server: found or reached, new enough, and the town's namespace in it. */
export async function* checkTemporal(patient: Patient): AsyncGenerator<Diagnosis> {
  const isOwn = patient.config?.temporal.address === undefined;
  if (isOwn) yield await checkProgram(patient.env);
  if (!isConfigured(patient) || (isOwn && !patient.open)) return;
  const cluster = clusterOf(patient);
  try {
    const client = await connectClient(cluster, 5_000);
    try {
      const { serverVersion } = await client.workflowService.getSystemInfo({});
      yield versionFinding(cluster, serverVersion ?? '');
      yield* checkNamespace(client, cluster.namespace, patient.home);
    } finally {
      await client.connection.close();
    }
  } catch (error) {
    yield unreachable(error);
  }
}

const clusterOf = ({ config, record }: Configured): Cluster =>
  config.temporal.address === undefined
    ? plainCluster(record?.address ?? '', config.temporal.namespace)
    : externalCluster(config.temporal, config.temporal.namespace);

/** Looks and does not fetch: getting one may take minutes, which `gt up` and `npm start` announce. */
const checkProgram = async (env: Patient['env']): Promise<Finding> => {
  // The set-up that started us may have found one already.
  const given = env['GASTOWN_TEMPORAL_CLI'];
  const { path, tried } = given ? { path: given, tried: [] } : await findTemporal({ env });
  if (path !== undefined) return isWell(check, 'a server of the town’s own', path);
  return isPoor(check, {
    what: 'No Temporal server is on this machine yet. The next `gt up` fetches or builds one.',
    evidence: tried.join('\n') || `no \`temporal\` on PATH, none in ${cacheFolder(env)}`,
    fix: 'npm start (which gets one), or set TEMPORAL_CLI_PATH to a copy of https://github.com/temporalio/cli/releases',
  });
};

const versionFinding = ({ connection: { address }, namespace }: Cluster, version: string): Finding => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return isOlder([major, minor], oldestServer)
    ? isPoor(check, {
        what: `Server ${version} is older than ${oldestServer.join('.')}: convoys will not take turns on a queue.`,
        evidence: address,
        fix: 'Upgrade the server',
      })
    : isWell(check, `server ${version} answers`, `${address}, namespace ${namespace}`);
};

const unreachable = (error: unknown): Finding => {
  if (error instanceof TownError) {
    const { what, evidence, next } = error.trouble;
    return isIll(check, { what, evidence, fix: next });
  }
  const evidence = error instanceof Error ? error.message : String(error);
  return isIll(check, {
    what: 'The Temporal server refuses to tell of itself.',
    evidence,
    fix: 'temporal operator cluster health',
  });
};
