import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { makeSampleRig, samplePlan, sampleScript } from '../../deploy/sample/sampleRig.ts';
import { startScriptedHost } from '../../deploy/sample/scriptedHost.ts';
import { liveOwner } from '../../deploy/town/owner.ts';
import { readRecord } from '../../deploy/town/record.ts';
import { shellWord } from '../../workflows/domain/shellWord.ts';
import { exitCode } from '../exitCodes.ts';
import { ClientError } from '../trouble.ts';
import { clone, gtCommand, type Prepared } from './prepared.ts';

/** The sample: a small real program, a plan of seven beads, and a model host whose replies are canned. Made anew each time. */
export const prepareSample = async (): Promise<Prepared> => {
  const folder = join(clone, '.gastown', 'sample');
  const home = join(folder, 'town');
  await refuseOpenTown(home);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const repository = await makeSampleRig(folder);
  const host = await startScriptedHost(await sampleScript(), {
    models: [quick, deep],
    context: 32_768,
    pieceMs: 4,
    loadMs: 900,
  });
  const configFile = join(folder, 'gastown.yaml');
  await writeFile(configFile, stringify(sampleConfig({ home, repository, url: host.url })));

  const shown = relative(process.cwd(), repository);
  return {
    configFile,
    planFile: samplePlan,
    repository,
    opening: [
      'The sample town. Its model host is scripted: the replies are canned, one of them malformed and one wrong on purpose; its two ' +
        'models displace each other, as two large ones on one graphics card do, and loading one takes a second.',
      'All else is real: Temporal, git, worktrees, gates, the merge queue.',
    ],
    stopped: 'Stopped. The next `npm start` begins a new sample.',
    next: [
      `git -C ${shellWord(shown)} log --graph --oneline main`,
      `${gtCommand()} up --home ${shellWord(relative(process.cwd(), home))}`,
      '    (then look at the histories in the Web UI; Ctrl-C ends it)',
      'npm start -- --repo PATH --plan FILE --host http://127.0.0.1:11434 \\',
      '    --model NAME --gate "npm test"',
    ],
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
};

const quick = 'canned-quick';
const deep = 'canned-deep';

const model = (name: string): object => ({
  ...{ name, context: 32_768, hosts: ['scripted'] },
  ...{ loadTime: '900ms', unloadTime: '300ms' },
});

const sampleConfig = (at: { home: string; repository: string; url: string }): object => ({
  town: { name: 'sample', home: at.home },
  hosts: { scripted: { kind: 'openai', url: at.url, slots: 4 } },
  models: {
    [quick]: { ...model(quick), tier: 'quick' },
    [deep]: { ...model(deep), tier: 'deep' },
  },
  // The first sight of the town must not be that of a host that waits.
  fleet: { hold: 0.5, minResidency: '1s' },
  rigs: {
    abacus: {
      path: at.repository,
      branch: 'main',
      gates: [{ name: 'test', run: 'node --test', timeout: '1m' }],
    },
  },
  limits: { maxParallel: 4 },
  // For this rig alone the town may go on without a sandbox, on a machine that has none; it says so.
  sandbox: 'sample',
});

const refuseOpenTown = async (home: string): Promise<void> => {
  const owner = await liveOwner(await readRecord(home));
  if (owner === undefined) return;
  throw new ClientError(exitCode.failed, {
    type: 'TownOpen',
    what: 'The sample town is open already.',
    evidence: `process ${owner.pid} works in ${home}`,
    next: `End it with: ${gtCommand()} down --home ${shellWord(home)}`,
  });
};
