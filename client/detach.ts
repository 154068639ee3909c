import { spawn } from 'node:child_process';
import { mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { lockTown } from '../deploy/town/lock.ts';
import { liveOwner } from '../deploy/town/owner.ts';
import { readRecord, type TownRecord } from '../deploy/town/record.ts';
import { stopSignals } from '../deploy/town/stopSignals.ts';
import { TownError } from '../deploy/town/trouble.ts';
import { codeRoot } from '../deploy/town/version.ts';
import { type Answer, printAside } from './answer.ts';
import { awaitOpen, type Patience, type Starting, usualPatience, written } from './background.ts';
import { exitCode } from './exitCodes.ts';
import type { Place } from './places.ts';
import { localTime } from './render/localTime.ts';
import { temporalLine } from './render/temporalLine.ts';
import { temporalBinary } from './temporalBinary.ts';

interface UpOptions {
  readonly grace: number;
  readonly workers: number;
  readonly hostWorkers: number;
  readonly ui: boolean;
}

/** Runs `gt up` in the background, with its output in `<home>/logs/up.log`, and waits until the town is open. */
export const openDetached = async (
  place: Place,
  options: UpOptions,
  patience: Patience = usualPatience,
): Promise<Answer> => {
  await refuseIfOpen(place.home);
  const starting = await startDetached(place, options);
  using signals = stopSignals();
  const tell = (line: string): void => printAside(line);
  const opening = await awaitOpen(starting, patience, tell, signals.drain);
  if ('record' in opening) {
    starting.child.unref();
    return opened(opening.record);
  }
  if (opening.why === 'stopped') return stopped();
  // Of two starts at once one gets the home, and the other ends: that is no failure of the town.
  if (opening.why === 'ended') await refuseIfTaken(place.home);
  throw notOpened(starting, opening.why, await written(starting), patience);
};

const refuseIfOpen = async (home: string): Promise<void> => {
  const record = await readRecord(home);
  const owner = await liveOwner(record);
  if (record !== undefined && owner !== undefined) throw townOpen(record, owner.pid);
};

/** The one that got the home may not have written yet who it is. */
const refuseIfTaken = async (home: string): Promise<void> => {
  await refuseIfOpen(home);
  (await lockTown(home)).release();
};

const startDetached = async (place: Place, options: UpOptions): Promise<Starting> => {
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
  await log.close();
  const said = place.config === undefined ? '' : temporalLine(place.config);
  return { home: place.home, child, log: path, from: size, said };
};

const notOpened = (
  { log }: Starting,
  why: 'ended' | 'silent',
  wrote: string,
  { silentMs }: Patience,
): TownError =>
  new TownError({
    type: 'TownNotOpened',
    what:
      why === 'ended'
        ? 'The town did not open.'
        : `The town did not open: nothing happened for ${silentMs / 1_000} s. What had been started was ended.`,
    evidence: wrote.split('\n').slice(-20).join('\n'),
    next: `Read ${log}, or run \`gt up\` without --detach to watch it.`,
  });

const stopped = (): Answer => ({
  data: { state: 'closed' },
  lines: () => ['Stopped before the town was open. `gt up` starts it again.'],
  code: exitCode.interrupted,
});

const townOpen = (record: TownRecord, pid: number): TownError =>
  new TownError({
    type: 'TownOpen',
    what: `Town ${record.name} is ${record.state === 'starting' ? 'being opened' : 'open'} already.`,
    evidence: `process ${pid}, since ${localTime(record.startedAt, {})}`,
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
