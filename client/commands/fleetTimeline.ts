import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Timeline } from '../../deploy/report/timeline/timeline.ts';
import type { Answer } from '../answer.ts';
import { beadsOnDisk } from '../beadsOnDisk.ts';
import { answering, type Call } from '../call.ts';
import type { ClientError } from '../trouble.ts';
import { unknownName } from '../unknownName.ts';
import { writeNew } from '../writeNew.ts';

interface Options {
  readonly out?: string;
}

export const addFleetTimeline = (fleet: Command): void => {
  fleet
    .command('timeline')
    .argument('<convoy>', 'one that has called models, open or ended')
    .summary('a picture of what the hosts did for a convoy')
    .description(
      'Draws what the hosts (machines that serve models) did while a convoy was at work, as an SVG picture for any ' +
        'browser: hosts as rows, the models that they held and their swaps as bars, below them every call in the lane of its ' +
        'slot. It comes from the town’s folder, so it works while the town is closed, until `gt prune` takes it away.',
    )
    .option('-o, --out <file>', 'write it to this new file; default: print it')
    .addHelpText(
      'after',
      '\nExamples:\n  gt fleet timeline demo --out demo.svg\n  gt fleet timeline demo --json',
    )
    .action(answering(timeline));
};

const timeline = async (call: Call<Options>, convoy: string): Promise<Answer> => {
  const { home } = await call.place();
  const [{ readTimeline }, { timelineSvg }] = await Promise.all([
    import('../../deploy/report/timeline/readTimeline.ts'),
    import('../../deploy/report/timeline/svg.ts'),
  ]);
  const found = await readTimeline(home, convoy);
  if (found === undefined) throw await unknownConvoy(home, convoy);
  const text = timelineSvg(found);
  const { out } = call.options;
  const file = out === undefined ? undefined : resolve(out);
  if (file !== undefined) await writeNew(file, text);
  return {
    data: file === undefined ? found : { convoy, file, ...cameTo(found) },
    meta: { home },
    asIs: file === undefined,
    lines: () => (file === undefined ? [text.trimEnd()] : [`Wrote the hosts of ${convoy} into ${file}`]),
  };
};

const cameTo = ({ from, to, hosts }: Timeline) => ({
  ms: to - from,
  hosts: hosts.length,
  calls: hosts.reduce((sum, { calls }) => sum + calls.length, 0),
  swaps: hosts.reduce((sum, { swaps }) => sum + swaps.count, 0),
});

const unknownConvoy = async (home: string, convoy: string): Promise<ClientError> => {
  const beads = await beadsOnDisk(home);
  return unknownName({
    ...{ noun: 'convoy with calls', name: convoy, see: 'gt status', where: home },
    known: [...new Set(beads.map((bead) => bead.split('/')[0] ?? ''))],
    next: 'A convoy has a picture once its first call has ended, until `gt prune` takes its transcripts away.',
  });
};
