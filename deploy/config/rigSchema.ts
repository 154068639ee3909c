import * as z from 'zod';
import { placeholderFault } from '../../workflows/domain/guard/commandLine.ts';
import { allowedHostOf } from '../../workflows/domain/sandbox/network.ts';
import { defaultSandboxLimits } from '../../workflows/domain/sandbox/sandboxLimits.ts';
import {
  branchName,
  choice,
  command,
  decimal,
  duration,
  line,
  listOf,
  repoPath,
  slug,
  whole,
  withForm,
  yesOrNo,
} from '../input/forms.ts';

const gateSchema = withForm(
  z
    .strictObject({
      name: slug().describe('What plans and reports call it.'),
      run: command('a shell command line such as npm test').describe(
        'A shell command line, run in the sandbox at the root of the tree; it must exit 0.',
      ),
      timeout: duration()
        .prefault('10m')
        .describe('Longest time of one run; the whole process group ends after it.'),
      report: repoPath()
        .optional()
        .describe(
          'Where this gate writes JUnit’s XML, in the tree: a file, or a folder of files that end in .xml. The tests that failed are read from it. Without this they are read from the output of the common runners.',
        ),
      compile: yesOrNo()
        .default(false)
        .describe(
          'Whether this gate only compiles: when it is red, no test is to blame, whatever others print.',
        ),
      tests: yesOrNo()
        .default(false)
        .describe(
          'Whether this gate runs tests: it is then red when none has run, whatever its exit code. Its report or its output must say how many did.',
        ),
    })
    .check(({ value: { compile, report, tests }, issues }) => {
      const message = 'goes with neither tests nor report: what only compiles runs no tests';
      if (compile && (tests || report !== undefined))
        issues.push({ code: 'custom', input: compile, path: ['compile'], message });
    }),
  'a gate: a map with name and run',
);

/** A shell line in which placeholders stand for files, each quoted as one word. */
const stepLine = (example: string, allowed: readonly string[], required = false) =>
  withForm(
    command('').refine((line) => placeholderFault(line, allowed, required) === undefined, {
      error: ({ input }) => placeholderFault(String(input), allowed, required) ?? '',
    }),
    `a shell command line such as ${example}`,
  );

const allowedHost = () =>
  withForm(
    z.string().refine((entry) => allowedHostOf(entry) !== undefined, { error: 'is no host' }),
    'a host such as example.org, *.example.org, example.org:8443, 10.0.0.5:4873, [fd00::2]:80 or localhost:5432',
  );

/** A rig, as it is written. */
export const rigSchema = withForm(
  z.strictObject({
    path: line(1_000, 'the path of a git repository')
      .optional()
      .describe('A repository on this machine; relative to this file. Either path or url.'),
    url: line(1_000, 'a URL that git understands')
      .refine((url) => !/:\/\/[^/@]*:[^/@]*@/.test(url), { error: 'holds a password' })
      .refine((url) => !url.startsWith('-'), { error: 'would be an option of git' })
      .optional()
      .describe('A repository elsewhere, by a URL that git understands. Either path or url.'),
    branch: branchName().default('main').describe('The branch that work lands on.'),
    land: withForm(
      z.string().refine((mode) => parseLand(mode) !== undefined, { error: 'is no way to land' }),
      'push, local, or branch:<name>',
    )
      .default('push')
      .describe(
        'push: to the branch itself. branch:<name>: to a branch that a person merges. local: only in the town’s own copy.',
      ),
    setup: command('a shell command line such as npm ci')
      .optional()
      .describe('Prepares the caches, in the sandbox, once for each state of the files in cacheKey.'),
    setupTimeout: duration().prefault('15m').describe('Longest time of one set-up.'),
    caches: listOf(repoPath(), 'folders')
      .default([])
      .describe('Folders that setup makes and every worktree gets as copies, such as node_modules.'),
    cacheKey: listOf(repoPath(), 'files')
      .default([])
      .describe('Files whose contents name the state of the caches, such as package-lock.json.'),
    sparse: listOf(repoPath(), 'folders')
      .default([])
      .describe(
        'For large repositories: the folders that work trees have, with all that is below them and the files beside the folders on the way (git’s cone mode). Gates see nothing else, so nothing else is changed. Empty: the whole repository.',
      ),
    notes: repoPath()
      .optional()
      .describe(
        'A file of the repository that tells polecats how it works; shown in every prompt, cut to about 1,500 tokens. Without this the first of AGENTS.md and .gastown/notes.md that is there.',
      ),
    mapTokens: whole(0, 50_000, 'tokens')
      .default(2_000)
      .describe(
        'Most tokens of the map in a prompt: the files that matter most for the task, by folder, with what they define. Less where the context leaves less; 0: none.',
      ),
    gates: listOf(gateSchema, 'gates', 1).describe(
      'Commands that must all exit 0 on the very tree that lands, in this order.',
    ),
    format: stepLine('npx biome check --write {files}', ['files'])
      .optional()
      .describe(
        'Formats what a polecat wrote, in the sandbox, before its checks run; {files} stands for the files that it changed, {files:py,pyi} for those that end so. What this changes in them becomes a commit of its own; everything else that it does is thrown away.',
      ),
    formatTimeout: duration().prefault('1m').describe('Longest time of one run of format.'),
    nearest: stepLine('npx vitest run {tests}', ['tests', 'folders'], true)
      .optional()
      .describe(
        'Runs the tests nearest to a change before the gates, so that a red one is told at once; {tests} stands for at most 8 test files, {folders} for the folders that they are in. It can only refuse: what lands has passed all gates, and where it names no failing test the gates decide.',
      ),
    nearestTimeout: duration().prefault('5m').describe('Longest time of one run of nearest.'),
    network: withForm(
      z.union([z.boolean(), z.literal('host'), z.array(allowedHost())]),
      'true, false, host, or a list of hosts such as [registry.example.org, "*.example.org:443"]',
    )
      .default(false)
      .describe(
        'What set-up and gates may reach. false: nothing. true: public hosts, by HTTP and HTTPS. A list: those hosts alone, in the same way, on the ports 80 and 443 or the one that is named; addresses that are not public must be in it themselves. host: the network of this machine as it is, with all that listens there. Beyond host, everything goes through a proxy of the town, which the sandbox sets for its commands.',
      ),
    cloud: choice(['never', 'plan', 'all'])
      .default('never')
      .describe(
        'What of this repository may leave your machines for models elsewhere. never: nothing. plan: for planning, the epic, paths, the names that files export, headings, gates by name. all: also README and notes, commands of gates, whole files.',
      ),
    limits: z
      .strictObject({
        maxWorkers: whole(1, 1_000, 'polecats').default(8).describe('Polecats at work in this rig at once.'),
        tests: whole(1, 64, 'tests')
          .optional()
          .describe(
            'Tests that the Refinery runs at once, each with all gates in a folder of its own. Without this half of the processors.',
          ),
        memoryMiB: whole(64, 16_777_216, 'MiB')
          .optional()
          .describe(
            'Memory of one command in the sandbox with all its processes, without swap. Without this three quarters of what the machine has.',
          ),
        cpus: decimal(0.1, 4_096, 'processors')
          .optional()
          .describe('Processor time of one command in the sandbox, in processors. Without this all of them.'),
        processes: whole(16, 1_000_000, 'processes')
          .default(defaultSandboxLimits.processes)
          .describe('Processes and threads of one command in the sandbox at a time.'),
        openFiles: whole(64, 1_000_000, 'files')
          .default(defaultSandboxLimits.openFiles)
          .describe('Files that one process in the sandbox may have open.'),
        fileMiB: whole(1, 16_777_216, 'MiB')
          .default(defaultSandboxLimits.fileMiB)
          .describe('The largest file that a command in the sandbox may write.'),
        shmMiB: whole(1, 16_777_216, 'MiB')
          .default(defaultSandboxLimits.shmMiB)
          .describe('Files in memory (/dev/shm) of one command in the sandbox.'),
        outputMiB: whole(1, 1_024, 'MiB')
          .default(defaultSandboxLimits.outputMiB)
          .describe('What one command in the sandbox may print before it is killed.'),
      })
      .prefault({})
      .describe('Limits of this rig.'),
  }),
  'a rig: a map with path or url, and gates',
);

/** Reads `push`, `local` or `branch:<name>`. */
export const parseLand = (text: string) => {
  if (text === 'push' || text === 'local') return { mode: text } as const;
  const branch = text.startsWith('branch:') ? text.slice('branch:'.length) : '';
  return branchName().safeParse(branch).success ? ({ mode: 'branch', branch } as const) : undefined;
};
