import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { lookAtAllConvoys } from '../look.ts';
import { lookAtConvoy } from '../lookAtConvoy.ts';
import { awaited, queuesOf } from '../queues.ts';
import { board } from '../render/board.ts';
import { takeOverSection } from '../render/takeOver.ts';
import { convoyLine, silentLines, stoppedLines } from '../render/townPage.ts';
import { takeOversIn } from '../takeOver.ts';
import { readTarget } from '../targets.ts';
import { convoyCode } from '../watchConvoy.ts';

/** The answer of `gt convoy list`. */
export const convoyList = async (call: Call<{ readonly running?: boolean }>): Promise<Answer> => {
  const { client } = await call.glance();
  const { answers: convoys, silent } = await lookAtAllConvoys(client, call.options.running === true);
  return {
    data: convoys,
    meta: { count: convoys.length, silent },
    lines: (terminal) =>
      convoys.length + silent.length === 0
        ? ['No convoys. Start one: `gt convoy launch PLAN`']
        : [...convoys.map(convoyLine), ...silentLines(silent, terminal)],
  };
};

/** The answer of `gt convoy status`. */
export const convoyStatus = async (call: Call<object>, name: string): Promise<Answer> => {
  const target = readTarget(name, ['convoy']);
  const town = await call.glance();
  const found = await lookAtConvoy(town.client, target.convoy, 'beads');
  const [takeOvers, queues] = await Promise.all([
    takeOversIn(town.client, found, town),
    found.state === 'running' ? queuesOf(town.client, found) : [],
  ]);
  return {
    data: found,
    meta: { takeOvers, stopped: queues.filter(({ stopped }) => stopped !== undefined) },
    lines: (terminal) => [
      ...board(found, terminal),
      ...stoppedLines(awaited(queues, found), terminal),
      ...takeOverSection(takeOvers),
    ],
    code: convoyCode(found),
  };
};
