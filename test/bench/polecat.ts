/**
 * `npm run bench:polecat [-- --beads DIR] [--only ID] [--personality FILE] [--rates N] [--seed N] [--json]`: does the town turn a weak
 * local model into finished beads? Small repositories with real tests, a scripted model with the faults of real ones, a
 * whole real town around it, against the same model without one. Fails below the floors. See polecat/README.md.
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { summary } from './histories.ts';
import { type Attempted, plainLoop, singleShot } from './polecat/baselines.ts';
import { type BenchBead, loadBeads } from './polecat/beadFile.ts';
import { loadPersonality } from './polecat/personality.ts';
import { eachOf, isTrue, missingPrograms } from './polecat/runIn.ts';
import { createSpeaker } from './polecat/speaker.ts';
import { runTown } from './polecat/town.ts';

const { values } = parseArgs({
  options: {
    beads: { type: 'string' },
    only: { type: 'string' },
    personality: { type: 'string' },
    rates: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const ours = (name: string): string => fileURLToPath(new URL(`polecat/${name}`, import.meta.url));
const [all, personality] = await Promise.all([
  loadBeads(values.beads === undefined ? ours('beads') : resolve(values.beads)),
  loadPersonality(resolve(values.personality ?? ours('personalities/qwen2.5-coder-32b.yaml'))),
]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(2);
});
const factor = Number(values.rates);
const seed = Number(values.seed);
if (!(factor >= 0) || !Number.isSafeInteger(seed)) {
  console.error('--rates must be a number from 0 on, --seed a whole number');
  process.exit(2);
}

const wanted = all.filter(({ id }) => values.only === undefined || id === values.only);
if (wanted.length === 0) {
  console.error(`no bead ${values.only}; there are: ${all.map(({ id }) => id).join(', ')}`);
  process.exit(2);
}
const lacking = await Promise.all(wanted.map(missingPrograms));
const beads = wanted.filter((bead, index) => {
  const missing = lacking[index] ?? [];
  if (missing.length > 0) console.error(`left out: ${bead.id}, this machine has no ${missing.join(', ')}`);
  return missing.length === 0;
});
const speaker = createSpeaker({ personality, seed, factor });
const { ended, seconds, turns } = await runTown(beads, speaker, { keep: values.keep });

const score = async (name: string, attempted: readonly (Attempted & { readonly bead: BenchBead })[]) => {
  const truths = await eachOf(attempted, availableParallelism(), async ({ bead, closed, tree }) =>
    closed ? await isTrue(bead, tree) : false,
  );
  const closedWrongly = attempted.filter(({ closed }, index) => closed && !truths[index]);
  return {
    name,
    truths,
    solved: truths.filter(Boolean).length,
    falselyClosed: closedWrongly.length,
    hopeless: closedWrongly.filter(({ bead }) => bead.right === undefined).length,
  };
};
const withBead = (work: (bead: BenchBead) => Promise<Attempted>) =>
  eachOf(beads, availableParallelism(), async (bead) => ({ bead, ...(await work(bead)) }));

const town = await score('town', ended);
const baselines = [
  await score('single shot', await withBead((bead) => singleShot(bead, speaker))),
  await score('loop without repair', await withBead((bead) => plainLoop(bead, speaker, turns))),
];
const answerable = beads.filter(({ right }) => right !== undefined).length;
const spent = (of: 'turns' | 'tokens'): number => ended.reduce((sum, end) => sum + end[of], 0);
const solvedOnly = ended.filter((_, index) => town.truths[index]);
const perSolved = (of: 'turns' | 'tokens'): number =>
  Math.round((10 * solvedOnly.reduce((sum, end) => sum + end[of], 0)) / Math.max(1, solvedOnly.length)) / 10;
const report = {
  personality: personality.name,
  rates: factor,
  seed,
  beads: answerable,
  solved: town.solved,
  falselyClosed: town.falselyClosed,
  turnsPerSolved: perSolved('turns'),
  tokensPerSolved: Math.round(perSolved('tokens')),
  hopeless: { beads: beads.length - answerable, falselyClosed: town.hopeless },
  baselines: baselines.map(({ name, solved, falselyClosed }) => ({ name, solved, falselyClosed })),
  turns: spent('turns'),
  tokens: spent('tokens'),
  seconds: Math.round(seconds),
};
if (values.verbose)
  for (const [index, { bead, closed, said, why }] of ended.entries())
    console.error(
      `${bead.id.padEnd(24)} ${closed ? (town.truths[index] ? 'solved' : 'CLOSED FALSELY') : 'open'} ${said.join(' ')}${why === undefined ? '' : ` (${why})`}`,
    );
console.log(values.json ? JSON.stringify(report) : summary(report));
const least = factor <= 1 ? answerable : Math.ceil(0.9 * answerable);
process.exitCode = report.solved >= least && report.falselyClosed === 0 ? 0 : 1;
