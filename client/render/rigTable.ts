import type { LandMode, RigSettings } from '../../workflows/domain/rig.ts';
import { plain } from '../../workflows/domain/text.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

/** `gt rig list`. */
export const rigTable = (rigs: readonly RigSettings[], terminal: Terminal): readonly string[] =>
  table(
    [
      { title: 'RIG' },
      { title: 'BRANCH' },
      { title: 'LANDS' },
      { title: 'CLOUD' },
      { title: 'GATES' },
      { title: 'SOURCE', gives: true },
    ],
    rigs.map((rig) => [
      rig.name,
      plain(rig.branch),
      landText(rig.land),
      rig.cloud,
      rig.gates.map(({ name }) => name).join(', '),
      plain(rig.source),
    ]),
    terminal.width,
  );

const landText = (land: LandMode): string =>
  land.mode === 'branch' ? `branch:${plain(land.branch)}` : land.mode;
