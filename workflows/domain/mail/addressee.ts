/** Whom a letter in the town's mailbox is for. Polecats have no mailbox: what is said to one goes to its bead. */
import { isSlug } from '../naming.ts';

/** `mayor/RIG` is the mayor when it plans for that rig, `crew/RIG` the people and tools that look after it. */
export type Addressee = 'overseer' | 'mayor' | `mayor/${string}` | `crew/${string}`;

export const overseer: Addressee = 'overseer';

export const isAddressee = (text: string): text is Addressee => {
  if (text === 'overseer' || text === 'mayor') return true;
  const [role, rig = '', ...rest] = text.split('/');
  return (role === 'mayor' || role === 'crew') && rest.length === 0 && isSlug(rig);
};

/** Every addressee of a town with these rigs. */
export const addresseesOf = (rigs: readonly string[]): readonly Addressee[] => [
  'overseer',
  'mayor',
  ...rigs.flatMap((rig) => [`mayor/${rig}`, `crew/${rig}`] as const),
];

/** Whether the mayor reads a letter to this addressee when it plans for a rig. */
export const isForMayorOf = (to: Addressee | undefined, rig: string): boolean =>
  to === 'mayor' || to === `mayor/${rig}`;
