import { spawn } from 'node:child_process';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../deploy/town/processes.ts';
import { readRecord, type TownRecord } from '../deploy/town/record.ts';
import { TownError } from '../deploy/town/trouble.ts';
import { codeRoot } from '../deploy/town/version.ts';
import type { Answer } from './answer.ts';
import type { Place } from './places.ts';
import { temporalBinary } from './temporalBinary.ts';

interface UpOptions {
  readonly grace: number;
  readonly workers: number;
  readonly hostWorkers: number;
  readonly ui: boolean;
}

/** A server's first start and three tries of every worker fit into this. */
const openWithinMs = 90_000;

/** Runs `gt up` in the background, with its output in `<home>/logs/up.log`, and waits until the town is open. */
export const openDetached = async (place: Place, options: UpOptions): Promise<Answer> => {
  const owner = place.record?.pids.find(({ role }) => role === 'supervisor');
  if (place.record?.state === 'open' && owner !== undefined && (await isAlive(owner))) {
    throw townOpen(place.record, owner.pid);
  }
  const path = join(place.home, 'logs', 'up.log');
  await mkdir(join(place.home, 'logs'), { recursive: true });
  const temporal = place.config?.temporal.address === undefined ? await temporalBinary() : '';
  const log = await open(path, 'a');
  const { size } = await stat(path);
  const child = spawn(process.execPath, upArguments(place, options), {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, GASTOWN_TEMPORAL_CLI: temporal },
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code)).once('error', () => resolve(127));
  });
  await log.close();
  const until = Date.now() + openWithinMs;
  while (Date.now() < until) {
    const record = await readRecord(place.home);
    if (record?.state === 'open' && record.pids.some(({ pid }) => pid === child.pid)) {
      child.unref();
      return opened(record);
    }
    const code = await Promise.race([ended, sleep(100).then(() => undefined)]);
    if (code !== undefined) break;
  }
  const wrote = (await readFile(path)).subarray(size).toString('utf8').trim();
  throw new TownError({
    type: 'TownNotOpened',
    what: 'The town did not open.',
    evidence: wrote.split('\n').slice(-20).join('\n'),
    next: `Read ${path}, or run \`gt up\` without --detach to watch it.`,
  });
};

const townOpen = (record: TownRecord, pid: number): TownError =>
  new TownError({
    type: 'TownOpen',
    what: `Town ${record.name} is open already.`,
    evidence: `process ${pid}, since ${record.startedAt}`,
    next: 'Use it (`gt status`), or close it first with `gt down`, for example after a change of gastown.yaml.',
  });

const upArguments = (place: Place, options: UpOptions): string[] => [
  ...process.execArgv,
  join(codeRoot, 'client', 'gt.ts'),
  'up',
  ...['--home', place.home],
  ...(place.config === undefined ? [] : ['--config', place.config.file]),
  ...['--grace', String(options.grace)],
  ...['--workers', String(options.workers), '--host-workers', String(options.hostWorkers)],
  ...(options.ui ? [] : ['--no-ui']),
];

const opened = (record: TownRecord): Answer => ({
  data: record,
  lines: () => [
    `Town ${record.name} is open in the background. Web UI: ${record.uiUrl ?? 'off'}. Temporal: ${record.address}, namespace ${record.namespace}.`,
    'Next: `gt convoy launch PLAN`. Close it with `gt down`.',
  ],
});
