import type { TakeOver } from '../../workflows/domain/queue/takeOver.ts';
import { oneLine } from '../../workflows/domain/text.ts';

/** The command of each rig, as `rig: command`; never cut, since people copy it. */
export const takeOverLines = (found: readonly TakeOver[]): readonly string[] => [
  ...new Set(found.map(({ rig, command }) => `${rig}: ${oneLine(command, 1_000)}`)),
];

export const takeOverTitle = 'To take over what landed';

/** The same with its title, for the end of a page; nothing when nothing waits. */
export const takeOverSection = (found: readonly TakeOver[]): readonly string[] =>
  found.length === 0 ? [] : ['', `${takeOverTitle}:`, ...takeOverLines(found).map((line) => `  ${line}`)];
