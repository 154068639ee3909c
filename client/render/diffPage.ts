import { oneLine, plain, plainLines } from '../../workflows/domain/text.ts';
import type { BeadWork, ChangedFile } from '../beadWork.ts';
import { counted, short } from './amounts.ts';
import { table } from './table.ts';
import { type Terminal, wrap } from './terminal.ts';

/** What a bead has changed: where it is, and file by file how much. */
export const workLines = (
  work: BeadWork,
  files: readonly ChangedFile[],
  terminal: Terminal,
): readonly string[] => {
  const sum = (of: 'added' | 'removed'): number => files.reduce((all, file) => all + (file[of] ?? 0), 0);
  return [
    ...wrap(
      `${placeText(work)}: ${counted(files.length, 'file')}, ${counted(sum('added'), 'line')} added, ${sum('removed')} removed`,
      terminal.width,
    ),
    ...table(
      [
        { title: '' },
        { title: '', align: 'right' },
        { title: '', align: 'right' },
        { title: '', gives: true },
      ],
      files.map(({ path, added, removed }) => [
        '',
        added === undefined ? 'binary' : `+${added}`,
        removed === undefined ? '' : `-${removed}`,
        plain(path),
      ]),
      terminal.width,
    ).slice(1),
  ];
};

/** A patch in the colours that people know from git. Hostile text is taken out first (G9). */
export const patchLines = (patch: string, terminal: Terminal): readonly string[] => {
  let inFile = false;
  return plainLines(patch)
    .trimEnd()
    .split('\n')
    .map((line) => {
      if (line.startsWith('diff --git ')) inFile = false;
      if (line.startsWith('@@')) inFile = true;
      const style = inFile ? styles[line[0] ?? ''] : 'bold';
      return style === undefined ? line : terminal.paint(style, line);
    });
};

const styles: Readonly<Record<string, 'green' | 'red' | 'cyan'>> = { '+': 'green', '-': 'red', '@': 'cyan' };

const placeText = ({ rig, state, from, to }: BeadWork): string => {
  const place = { landed: 'Landed as', branch: 'On its branch, up to', kept: 'Put aside as' }[state];
  const since = state === 'landed' ? '' : `, since ${short(from)}`;
  return `${place} ${short(to)} in rig ${oneLine(rig)} (repository)${since}`;
};
