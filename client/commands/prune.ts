import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { Answer } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { bytes, counted } from '../render/amounts.ts';

interface Options {
  readonly older: number;
  readonly dryRun?: boolean;
}

export const addPrune = (program: Command): void => {
  program
    .command('prune')
    .summary('remove what nobody needs any more')
    .description(
      'Removes from the town’s folder what no open work needs and nothing has touched for a while: texts of prompts ' +
        'and replies, transcripts, branches and kept work of convoys that have ended, unused caches. Then git collects ' +
        'its garbage. What has landed stays, and so does everything of open convoys. The town must be open: only its ' +
        'server knows what is still needed.',
    )
    .requiredOption('--older <age>', 'only what is older, such as 14d, 36h or 2w; at least 1h', age)
    .option('-n, --dry-run', 'only tell what would go')
    .addHelpText('after', '\nExamples:\n  gt prune --older 14d --dry-run\n  gt prune --older 4w')
    .action(answering(pruned));
};

const pruned = async (call: Call<Options>): Promise<Answer> => {
  const { older, dryRun = false } = call.options;
  const { home, client } = await call.town();
  const [{ bytesOf }, { prune }] = await Promise.all([
    import('../../deploy/disk/use.ts'),
    import('../../deploy/disk/prune.ts'),
  ]);
  // Measuring walks through all of the home: not for a look at what would go.
  const measure = async (): Promise<number> => (dryRun ? 0 : ((await bytesOf(home)) ?? 0));
  const before = await measure();
  const gone = await prune({ home, client, before: Date.now() - older, dryRun });
  const freed = Math.max(0, before - (await measure()));
  const verb = dryRun ? 'Would go' : 'Gone';
  return {
    data: { removed: gone, freedBytes: freed },
    meta: { dryRun },
    lines: () =>
      gone.length === 0
        ? ['Nothing is that old and unneeded.']
        : [
            ...gone.map(({ kind, count }) => `${verb}: ${counted(count, words[kind] ?? kind)}`),
            dryRun ? 'Nothing was removed. Run it without --dry-run to do so.' : `${bytes(freed)} freed.`,
          ],
  };
};

const words: Readonly<Record<string, string>> = {
  blobs: 'text of prompts, replies and log',
  transcripts: 'transcript',
  fleet: 'record of a host',
  refs: 'branch and kept work of ended bead',
  worktrees: 'worktree',
  caches: 'cache of set-up',
  greens: 'result of gate',
  outlines: 'fact of a map',
  bundles: 'bundle of old code',
};

const units: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `36h`, `14d` or `2w`, in ms. */
export const age = (text: string): number => {
  const [, count = '', unit = ''] = /^(\d{1,4})([hdw])$/.exec(text) ?? [];
  const ms = Number(count) * (units[unit] ?? 0);
  if (!(ms > 0)) throw new InvalidArgumentError('Expected an age such as 14d, 36h or 2w, at least 1h.');
  return ms;
};
