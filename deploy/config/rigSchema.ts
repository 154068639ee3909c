import * as z from 'zod';
import {
  branchName,
  choice,
  command,
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
  z.strictObject({
    name: slug().describe('What plans and reports call it.'),
    run: command('a shell command line such as npm test').describe(
      'A shell command line, run in the sandbox at the root of the tree; it must exit 0.',
    ),
    timeout: duration()
      .prefault('10m')
      .describe('Longest time of one run; the whole process group ends after it.'),
  }),
  'a gate: a map with name and run',
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
    network: yesOrNo().default(false).describe('Whether set-up and gates may reach the network.'),
    cloud: choice(['never', 'plan', 'all'])
      .default('never')
      .describe(
        'What of this repository may leave your machines for models elsewhere. never: nothing. plan: for planning, the epic, paths, the names that files export, headings, gates by name. all: also README and notes, commands of gates, whole files.',
      ),
    limits: z
      .strictObject({
        maxWorkers: whole(1, 1_000, 'polecats').default(8).describe('Polecats at work in this rig at once.'),
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
