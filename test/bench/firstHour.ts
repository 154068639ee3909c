/**
 * `npm run bench:first-hour [-- --json] [--keep]`: what a stranger does first, in processes of its own: a fresh clone that
 * sets itself up, then for each of three small repositories of different languages `gt init --yes`, a town, a plan of two
 * beads to landed commits, a report. Real Temporal, git, gates and sandbox; a scripted model host over HTTP. Fails above the
 * floor: warm, 90 s for each repository.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { startScriptedHost } from '../../deploy/sample/scriptedHost.ts';
import { stopSignals } from '../../deploy/town/stopSignals.ts';
import { type SmallRepository, smallRepositories } from './smallRepositories.ts';

const floorSeconds = 90;
const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
});

interface Walk {
  readonly language: string;
  /** Seconds. */
  readonly steps: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly landed: number;
}

const main = async (): Promise<void> => {
  using signals = stopSignals();
  const folder = await mkdtemp(join(tmpdir(), 'gastown-first-'));
  try {
    const clone = join(folder, 'clone');
    const setUp = {
      clone: await timed(() => makeClone(clone)),
      'set-up': await timed(() => gt(clone, folder, '--version')),
    };
    say(`clone ${setUp.clone} s, set-up ${setUp['set-up']} s`);
    const walks: Walk[] = [];
    for (const repository of smallRepositories) {
      signals.drain.throwIfAborted();
      walks.push(
        await walk(repository, { clone, folder: join(folder, repository.language), stop: signals.drain }),
      );
    }
    const good = walks.every(({ landed, seconds }) => landed === 2 && seconds < floorSeconds);
    if (values.json) console.log(JSON.stringify({ setUp, repositories: walks, floorSeconds, good }));
    else
      say(
        good
          ? `All landed, each below ${floorSeconds} s.`
          : `NOT as it should be: two beads landed, below ${floorSeconds} s each.`,
      );
    process.exitCode = good ? 0 : 1;
  } finally {
    if (values.keep) console.error(`kept: ${folder}`);
    else await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
};

/** What is committed, and over it what is not yet: the bench is about the tree that it stands in. */
const makeClone = async (clone: string): Promise<void> => {
  await execa('git', ['clone', '--quiet', root, clone]);
  const listed = await execa('git', ['ls-files', '-z', '--modified', '--others', '--exclude-standard'], {
    cwd: root,
  });
  for (const path of listed.stdout.split('\0').filter((one) => one !== '')) {
    await mkdir(dirname(join(clone, path)), { recursive: true });
    // A file that is modified may be one that is gone.
    await cp(join(root, path), join(clone, path)).catch(() => rm(join(clone, path), { force: true }));
  }
};

interface Around {
  readonly clone: string;
  readonly folder: string;
  readonly stop: AbortSignal;
}

/** From an empty folder to two landed commits and a report of them. */
const walk = async (repository: SmallRepository, { clone, folder, stop }: Around): Promise<Walk> => {
  const { language, beads } = repository;
  await using host = await startScriptedHost(
    (messages) => {
      const text = messages.map(({ content }) => content).join('\n');
      const bead = beads.find(({ id }) => text.includes(`TASK-OF-${id}.`));
      return bead === undefined ? 'ok' : replyText(bead.reply);
    },
    { models: ['canned'], context: 32_768, pieceMs: 0 },
  );
  const repo = await makeRepository(folder, repository);
  await writeFile(join(folder, 'plan.yaml'), stringify(planOf(repository)));
  const steps: Record<string, number> = {};
  const step = async (name: string, ...args: readonly string[]): Promise<void> => {
    stop.throwIfAborted();
    steps[name] = await timed(() => gt(clone, repo, ...args));
  };
  try {
    await step('init', 'init', '--yes', '--host', `desk=${host.url}`);
    await step('up', 'up', '--detach', '--no-ui');
    await step('two beads', 'convoy', 'launch', join(folder, 'plan.yaml'), '--watch');
    await step('report', 'report', 'first', '--md');
  } finally {
    steps['down'] = await timed(() => gt(clone, repo, 'down'));
  }
  const seconds = round(Object.values(steps).reduce((sum, each) => sum + each, 0));
  const landed = await landedIn(repo);
  const each = Object.entries(steps).map(([name, took]) => `${name} ${took} s`);
  say(`${language}: ${seconds} s (${each.join(', ')}), ${landed} of ${beads.length} beads landed`);
  return { language, steps, seconds, landed };
};

const makeRepository = async (folder: string, { files }: SmallRepository): Promise<string> => {
  const repo = join(folder, 'sums');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(repo, path)), { recursive: true });
    await writeFile(join(repo, path), text);
  }
  const git = (...args: string[]) => execa('git', ['-C', repo, ...args], { env: person });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'Start');
  return repo;
};

const planOf = ({ beads }: SmallRepository): object => ({
  convoy: 'first',
  beads: beads.map(({ id, needs, reply }) => ({
    id,
    title: `Add ${id}`,
    task: `TASK-OF-${id}. Write ${id} with its test.`,
    files: Object.keys(reply),
    ...(needs === undefined ? {} : { needs }),
  })),
});

const replyText = (files: Readonly<Record<string, string>>): string =>
  Object.entries(files)
    .map(([path, text]) => `${path}\n\`\`\`\n${text}\`\`\`\n`)
    .join('\n');

/** Beads with a commit of their own, wherever the town lands: on the branch, or beside it while that is checked out. */
const landedIn = async (repo: string): Promise<number> => {
  const log = await execa('git', [
    '-C',
    repo,
    'log',
    '--branches',
    '--format=%(trailers:key=Bead,valueonly)',
  ]);
  return new Set(log.stdout.split('\n').filter((line) => line.startsWith('first/'))).size;
};

const gt = async (clone: string, cwd: string, ...args: readonly string[]): Promise<void> => {
  const state = dirname(clone);
  const ran = await execa(process.execPath, [join(clone, 'client/gt.mjs'), ...args], {
    cwd,
    reject: false,
    all: true,
    stdin: 'ignore',
    timeout: 600_000,
    env: { XDG_STATE_HOME: join(state, 'state'), GASTOWN_HOME: '' },
  });
  if (ran.exitCode !== 0)
    throw new Error(`gt ${args.join(' ')} in ${cwd}: ${ran.exitCode ?? ran.shortMessage}\n${ran.all}`);
};

const timed = async (act: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await act();
  return round((performance.now() - began) / 1_000);
};

const round = (value: number): number => Math.round(value * 10) / 10;

const say = (line: string): void => {
  if (!values.json) console.log(line);
};

const person = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'A person',
  GIT_AUTHOR_EMAIL: 'person@example.invalid',
  GIT_COMMITTER_NAME: 'A person',
  GIT_COMMITTER_EMAIL: 'person@example.invalid',
};

await main();
