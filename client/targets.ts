import type { Client } from '@temporalio/client';
import type { Trouble } from '../deploy/town/trouble.ts';
import { type BeadRef, isSlug, slugForm, workflowId } from '../workflows/domain/naming.ts';
import { idsOf } from './ask.ts';
import { exitCode } from './exitCodes.ts';
import { ClientError } from './trouble.ts';

/** What a command is about, as people name it: CONVOY, CONVOY/EPIC or CONVOY/EPIC/BEAD. */
export type Target =
  | { readonly kind: 'convoy'; readonly name: string; readonly id: string; readonly convoy: string }
  | {
      readonly kind: 'epic';
      readonly name: string;
      readonly id: string;
      readonly convoy: string;
      readonly epic: string;
    }
  | ({ readonly kind: 'bead'; readonly name: string; readonly id: string } & BeadRef);

export type BeadTarget = Extract<Target, { kind: 'bead' }>;

export type TargetKind = Target['kind'];

const forms: Readonly<Record<TargetKind, string>> = {
  convoy: 'CONVOY',
  epic: 'CONVOY/EPIC',
  bead: 'CONVOY/EPIC/BEAD',
};

/** Reads a target of one of the kinds allowed. Throws `BadTarget` (exit 2). */
export const readTarget = <Kind extends TargetKind>(
  text: string,
  kinds: readonly Kind[],
): Extract<Target, { kind: Kind }> => {
  // A workflow id, as the Web UI shows it, names the same thing.
  const name = text.replace(/^(convoy|epic|bead)\//, (whole, kind: string) =>
    text.split('/').length === { convoy: 2, epic: 3, bead: 4 }[kind] ? '' : whole,
  );
  const target = targetOf(name);
  if (target === undefined || !kinds.some((kind) => kind === target.kind)) throw badTarget(text, kinds);
  return target as Extract<Target, { kind: Kind }>;
};

/**
 * Reads what `gt stop` and `gt resume` are about: a target, or undefined for --all and --rig. Throws `BadTarget` (exit 2) for
 * none and for more than one of these; `what` and `next` say it in the words of the command.
 */
export const readTargetOrAll = (
  name: string | undefined,
  { all, rig }: { readonly all?: boolean; readonly rig?: string },
  command: string,
  { what, next }: Pick<Trouble, 'what' | 'next'>,
): Target | undefined => {
  if ([name !== undefined, all === true, rig !== undefined].filter(Boolean).length !== 1) {
    const evidence = `gt ${command} takes one of a target, --all and --rig RIG`;
    throw new ClientError(exitCode.badInput, { type: 'BadTarget', what, evidence, next });
  }
  return name === undefined ? undefined : readTarget(name, ['bead', 'epic', 'convoy']);
};

/** That target alone, or every convoy that runs. */
export const targetOrRunning = async (
  client: Client,
  named: Target | undefined,
): Promise<readonly Target[]> =>
  named === undefined
    ? (await idsOf(client, 'convoy', true, 500)).map((id) => readTarget(id, ['convoy']))
    : [named];

export const handleOf = (client: Client, target: Target) => client.workflow.getHandle(target.id);

const targetOf = (name: string): Target | undefined => {
  const [convoy = '', epic, bead, ...rest] = name.split('/');
  if (rest.length > 0 || ![convoy, epic, bead].every((part) => part === undefined || isSlug(part))) return;
  if (epic === undefined) return { kind: 'convoy', name, id: workflowId.convoy(convoy), convoy };
  if (bead === undefined) return { kind: 'epic', name, id: workflowId.epic(convoy, epic), convoy, epic };
  return { kind: 'bead', name, id: workflowId.bead({ convoy, epic, bead }), convoy, epic, bead };
};

/** A plan with one epic names it as the convoy, and people leave out what is said twice. */
const meantBead = (text: string, kinds: readonly TargetKind[]): string => {
  const target = kinds.includes('bead') ? targetOf(text) : undefined;
  if (target?.kind !== 'epic' || target.convoy === target.epic) return '';
  return ` Did you mean ${target.convoy}/${target.convoy}/${target.epic}?`;
};

const badTarget = (text: string, kinds: readonly TargetKind[]): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'BadTarget',
    what: `This command takes ${kinds.map((kind) => forms[kind]).join(' or ')}.${meantBead(text, kinds)}`,
    evidence: `got ${JSON.stringify(text.slice(0, 120))}; each name is ${slugForm}`,
    next: 'See the names with `gt convoy list` and `gt convoy status CONVOY`.',
  });
