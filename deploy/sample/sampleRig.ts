import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { parse } from 'yaml';
import type { Script } from './scriptedHost.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export const samplePlan = here('./plan.yaml');

/** Makes the sample's repository anew: a bare one, as a server would have it, with a small real program on `main`. */
export const makeSampleRig = async (folder: string): Promise<string> => {
  const bare = join(folder, 'abacus.git');
  const work = join(folder, 'first-commit');
  await rm(bare, { recursive: true, force: true });
  await rm(work, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(here('./rig'), work, { recursive: true });
  const git = (...args: string[]) => execa('git', ['-C', work, ...args], { env: person });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'A calculator with one function');
  await execa('git', ['clone', '--quiet', '--bare', work, bare], { env: person });
  await rm(work, { recursive: true });
  return bare;
};

/** The sample must not depend on who the user is for git, nor on hooks and templates of theirs. */
const person = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'A person',
  GIT_AUTHOR_EMAIL: 'person@example.invalid',
  GIT_COMMITTER_NAME: 'A person',
  GIT_COMMITTER_EMAIL: 'person@example.invalid',
};

/** The canned replies by bead: the first, and what the "model" says when that was not good enough. */
export const sampleScript = async (): Promise<Script> => {
  const plan = parse(await readFile(samplePlan, 'utf8')) as { beads: { id: string; task: string }[] };
  const beads = await Promise.all(
    plan.beads.map(async ({ id, task }) => ({ id, opening: firstLine(task), replies: await repliesOf(id) })),
  );
  return (messages, nth) => {
    const prompt = messages.map(({ content }) => content).join('\n');
    const bead = beads.find(({ opening }) => prompt.includes(opening));
    // The town asks each host for a word before it opens its gate.
    if (bead === undefined) return 'ok';
    const reply = bead.replies[Math.min(nth(bead.id), bead.replies.length) - 1];
    return reply ?? '';
  };
};

const firstLine = (task: string): string => task.split('\n')[0] ?? task;

const repliesOf = async (bead: string): Promise<string[]> => {
  const folder = here(`./replies/${bead}`);
  const files = (await readdir(folder)).sort();
  return Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
};
