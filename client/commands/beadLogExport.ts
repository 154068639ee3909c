import { resolve } from 'node:path';
import { beadKey } from '../../workflows/domain/naming.ts';
import { type Answer, jsonLine } from '../answer.ts';
import { mustExist } from '../beadsOnDisk.ts';
import type { Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { type BeadExport, exportBead } from '../export/beadExport.ts';
import { exportMarkdown } from '../export/exportMarkdown.ts';
import { clientIfOpen } from '../ifOpen.ts';
import { counted } from '../render/amounts.ts';
import type { BeadTarget } from '../targets.ts';
import type { TranscriptCall } from '../transcript.ts';
import { ClientError } from '../trouble.ts';
import { writeNew } from '../writeNew.ts';

interface Options {
  readonly follow?: boolean;
  readonly format?: 'md' | 'jsonl';
  readonly out?: string;
}

/** Writes the whole conversation of a bead, to a new file or to standard output. */
export const exportLog = async (
  call: Call<Options>,
  target: BeadTarget,
  isWanted: (one: TranscriptCall) => boolean,
): Promise<Answer> => {
  const { format, out, follow } = call.options;
  if (format === undefined || follow === true) throw badOptions();
  const { home } = await call.place();
  const found = await exportBead(home, beadKey(target), isWanted);
  if (found.steps.length === 0) await mustExist(home, await clientIfOpen(call), target);
  const text = format === 'md' ? exportMarkdown(found) : jsonLines(found);
  const file = out === undefined ? undefined : resolve(out);
  if (file !== undefined) await writeNew(file, text);
  return {
    data: file === undefined ? found : { bead: found.bead, file, steps: found.steps.length },
    meta: { home, format },
    asIs: file === undefined,
    lines: () =>
      file === undefined
        ? [text.trimEnd()]
        : [`Wrote ${counted(found.steps.length, 'step')} of ${found.bead} into ${file}`],
  };
};

/** One object a line: the bead, then its calls and gates as they came. */
const jsonLines = ({ bead, steps }: BeadExport): string =>
  [{ kind: 'bead', bead, steps: steps.length }, ...steps].map((one) => `${jsonLine(one)}\n`).join('');

const badOptions = (): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'BadCommandLine',
    what: 'An export needs --format md or --format jsonl, and cannot follow.',
    evidence: '--out goes with --format; --follow goes without both',
    next: 'For example: gt bead log CONVOY/EPIC/BEAD --format md --out conversation.md',
  });
