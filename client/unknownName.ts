import type { Client } from '@temporalio/client';
import type { Trouble } from '../deploy/town/trouble.ts';
import { nearest } from '../workflows/domain/nearest.ts';
import { oneLine } from '../workflows/domain/text.ts';
import { exitCode } from './exitCodes.ts';
import { knownBeads, knownConvoys, knownEpics, knownQueues } from './knownNames.ts';
import { ClientError, isNotFound } from './trouble.ts';

/** A name that reads well and names nothing, beside those that there are. */
export interface UnknownName {
  /** As in `There is no bead named demo/core/parser.` */
  readonly noun: string;
  readonly name: string;
  readonly known: readonly string[];
  /** The command that shows them. */
  readonly see: string;
  /** Where the names were looked for, when that is not the open town. */
  readonly where?: string;
  /** What to do instead, where that command answers nothing now. */
  readonly next?: string;
}

/** More are no help to somebody who mistyped one. */
const mostNamed = 12;

/** What is told of it (G10): the name that was meant, if one is near, and the names that there are. */
export const unknownName = ({
  noun,
  name,
  known,
  see,
  where = 'the town',
  next = `See those that there are with \`${see}\`.`,
}: UnknownName): ClientError => {
  const meant = nearName(name, known);
  const shown = known.slice(0, mostNamed).map((one) => oneLine(one, 124));
  const more = known.length > mostNamed ? ` and ${known.length - mostNamed} more` : '';
  return new ClientError(exitCode.badInput, {
    type: 'NotFound',
    what: `There is no ${noun} named ${oneLine(name, 124)}.${meant === undefined ? '' : ` Did you mean ${oneLine(meant, 124)}?`}`,
    evidence: known.length === 0 ? `${where} has none` : `${where} has: ${shown.join(', ')}${more}`,
    next,
  } satisfies Trouble);
};

/** `name` as RIG or `RIG BRANCH`, as `known` are. */
export const unknownQueue = (name: string, known: readonly string[]): ClientError =>
  unknownName({
    ...{ noun: 'merge queue', name, known },
    see: 'gt refinery status',
    where: 'the town, in which one starts with the first bead (task) that is ready to land,',
  });

/** One that the mayor (a model that plans) has not made. */
export const unknownPlan = (name: string, known: readonly string[], where?: string): ClientError =>
  unknownName({
    ...{ noun: 'plan', name, known },
    see: 'gt plan list',
    ...(where === undefined ? {} : { where }),
  });

/** `name` and `known` as CONVOY/EPIC/BEAD. */
export const unknownBead = (name: string, known: readonly string[]): ClientError =>
  unknownName({ noun: 'bead', name, known, see: `gt convoy status ${name.split('/')[0]}` });

/**
 * The known name that was meant. Of names with several parts those alike in all but one come first, and a name that ends as
 * the given one does is meant by it: people leave out what the town puts before the branch.
 */
export const nearName = (name: string, known: readonly string[]): string | undefined => {
  const [first = '', ...rest] = name.split(/[ /]/);
  const ending = rest.join('/');
  const beginsAlike = known.filter((one) => one.split(/[ /]/)[0] === first);
  if (beginsAlike.length === 0) return nearest(name, known) ?? nearestFirst(first, known);
  return (
    beginsAlike.find((one) => ending !== '' && one.endsWith(`/${ending}`)) ??
    nearest(name, beginsAlike) ??
    (beginsAlike.length === 1 ? beginsAlike[0] : undefined)
  );
};

/** A name of one part, or whose first part is wrong, is known by that part alone. */
const nearestFirst = (first: string, known: readonly string[]): string | undefined => {
  const meant = nearest(
    first,
    known.map((one) => one.split(/[ /]/)[0] ?? ''),
  );
  return known.find((one) => one.split(/[ /]/)[0] === meant);
};

/** What of it the town has, looked up when a workflow is not there; any other error is given back as it is. */
export const withKnownNames = async (error: unknown, client: Client): Promise<unknown> => {
  if (!isNotFound(error) || /already completed/.test(error.message)) return error;
  return (await missingIn(client, error.workflowId).catch(() => undefined)) ?? error;
};

/** Who is not there of the convoy, epic and bead, or the merge queue, that a workflow id names; undefined when all are. */
export const missingIn = async (client: Client, id: string): Promise<ClientError | undefined> => {
  const [role, first = '', ...others] = id.split('/');
  if (role === 'refinery') {
    const known = await knownQueues(client);
    const name = [first, others.join('/')].join(' ').trim();
    if (known.includes(name)) return;
    return unknownQueue(name, known);
  }
  if (role !== 'convoy' && role !== 'epic' && role !== 'bead') return;
  const convoys = await knownConvoys(client);
  if (!convoys.includes(first))
    return unknownName({ noun: 'convoy', name: first, known: convoys, see: 'gt convoy list' });
  const [epic, bead] = others;
  if (epic === undefined) return;
  const see = `gt convoy status ${first}`;
  const epics = await knownEpics(client, first);
  if (!epics.includes(`${first}/${epic}`))
    return unknownName({ noun: 'epic', name: `${first}/${epic}`, known: epics, see });
  if (bead === undefined) return;
  const known = await knownBeads(client, first, epic);
  const name = `${first}/${epic}/${bead}`;
  // An epic that has not started knows no bead yet.
  if (known.length === 0 || known.includes(name)) return;
  return unknownBead(name, known);
};
