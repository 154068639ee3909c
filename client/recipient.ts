import { type Addressee, addresseesOf, isAddressee } from '../workflows/domain/mail/addressee.ts';
import { isSlug } from '../workflows/domain/naming.ts';
import { exitCode } from './exitCodes.ts';
import { configAt } from './places.ts';
import { lookAtPolecats } from './polecats.ts';
import type { Reached } from './reach.ts';
import { type BeadTarget, readTarget } from './targets.ts';
import { ClientError } from './trouble.ts';
import { unknownName } from './unknownName.ts';

/** Whom a text is for: somebody with letters in the town's mailbox, or the polecat of a bead. */
export type Recipient =
  | { readonly kind: 'letters'; readonly to: Addressee }
  | { readonly kind: 'bead'; readonly bead: BeadTarget };

/** Reads whom somebody means. Throws `NotFound` (exit 2) with the near and known ones for a name that is nobody's. */
export const readRecipient = async (town: Reached, name: string): Promise<Recipient> => {
  const rigs = (await configAt(town))?.rigs.map((rig) => rig.name);
  if (isAddressee(name)) {
    const [, rig] = name.split('/');
    if (rig !== undefined && rigs?.includes(rig) === false) throw nobody(name, addresseesOf(rigs));
    return { kind: 'letters', to: name };
  }
  if (/^(bead\/)?[^/]+\/[^/]+\/[^/]+$/.test(name)) return { kind: 'bead', bead: readTarget(name, ['bead']) };
  const known: readonly string[] = addresseesOf(rigs ?? []);
  if (!isSlug(name)) throw nobody(name, known);
  const polecats = await lookAtPolecats(town.client);
  const found = polecats.find(({ polecat }) => polecat === name);
  if (found === undefined) throw nobody(name, [...known, ...polecats.map(({ polecat }) => polecat)]);
  return { kind: 'bead', bead: readTarget(found.bead, ['bead']) };
};

/** For those that only a polecat can be. Throws `BadTarget` (exit 2). */
export const toBead = (recipient: Recipient, name: string): BeadTarget => {
  if (recipient.kind === 'bead') return recipient.bead;
  throw new ClientError(exitCode.badInput, {
    type: 'BadTarget',
    what: 'Only a bead (task) or its polecat (worker agent) can be nudged.',
    evidence: `got ${JSON.stringify(name.slice(0, 120))}`,
    next: `Send it as a letter: gt send ${recipient.to} "TEXT"`,
  });
};

const nobody = (name: string, known: readonly string[]): ClientError =>
  unknownName({
    ...{ noun: 'addressee', name, known },
    where: 'the town, with its polecats (worker agents) of this moment,',
    see: 'gt polecats',
  });
