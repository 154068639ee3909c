import type { TownEvent } from '../../deploy/town/openTown.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { counted, duration } from './amounts.ts';
import type { Terminal } from './terminal.ts';

/** What happens to a town's processes, for the person who watches `gt up`. Starts that go well are not worth a line. */
export const townEventLines = (event: TownEvent, terminal: Terminal): readonly string[] => {
  switch (event.kind) {
    case 'started':
    case 'draining':
    case 'closed':
      return [];
    case 'ready':
      return [terminal.paint('dim', `${event.name} works (process ${event.pid})`)];
    case 'serverReady':
      return [terminal.paint('dim', `Temporal server at ${event.address}`)];
    case 'rehearsed':
      return [`Code has changed: ${counted(event.workflows, 'open workflow')} can go on with it.`];
    case 'noPatrols':
      return [`The Witness does not patrol: ${oneLine(event.why, 200)}. The town goes on without it.`];
    case 'leftovers':
      return [`Ended what a killed town had left: ${event.pids.map((pid) => `process ${pid}`).join(', ')}.`];
    case 'serverDied':
      return [
        terminal.paint(
          'red',
          `The Temporal server died (${oneLine(event.how)}); again in ${duration(event.againInMs)}.`,
        ),
        `  Its log: ${event.log}`,
      ];
    case 'admin':
      return [
        `Ask an administrator to run: ${event.command} (${oneLine(event.why)}). The town goes on without it.`,
      ];
    case 'died':
      return [
        terminal.paint(
          'red',
          `${event.name} died (${event.how}), time ${event.count} in a row; again in ${duration(event.againInMs)}.`,
        ),
        ...event.lastLines.filter(tells).map((line) => `  ${oneLine(line, 200)}`),
        `  Its log: ${event.log}`,
      ];
  }
};

/** What a dead worker logged while all was well says nothing of its death; its errors and bare output may. */
const tells = (line: string): boolean => {
  try {
    const { level } = JSON.parse(line) as { level?: unknown };
    return typeof level !== 'number' || level >= errorLevel;
  } catch {
    return true;
  }
};

/** Of pino, which writes the logs. */
const errorLevel = 50;
