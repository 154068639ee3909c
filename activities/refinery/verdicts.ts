import { parseBeadKey } from '../../workflows/domain/naming.ts';
import type { Verdict } from '../../workflows/domain/queue/submission.ts';
import { fail } from '../failure.ts';
import type { Bench } from './bench.ts';

/** Keeps a verdict whose bead could not be told, as a fact in git: `refs/gt/verdict/<bead>/<attempt>` names a blob of JSON. */
export const keepVerdict = async (bench: Bench, verdict: Verdict): Promise<void> => {
  const { bead, attempt } = verdict;
  if (parseBeadKey(bead) === undefined || !Number.isInteger(attempt)) {
    throw fail('GitFailed', {
      what: 'A verdict names no bead.',
      evidence: JSON.stringify({ bead, attempt }).slice(0, 200),
      next: 'This is a fault of the town: report it with the workflow’s history.',
    });
  }
  const text = `${JSON.stringify(verdict)}\n`;
  const { stdout } = await bench.plumb(['hash-object', '-w', '--stdin'], { input: text });
  await bench.plumb(['update-ref', `refs/gt/verdict/${bead}/${attempt}`, stdout.trim()]);
};
