import { stringify } from 'yaml';
import { isSlug } from '../../workflows/domain/naming.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import { unmasked } from '../polecat/untrusted.ts';
import type { PlanReply } from './replyShape.ts';

interface Heading {
  readonly convoy: string;
  readonly rig: string;
}

/** A reply as the plan file that a person could have written: names in their form, text without anything hidden. */
export const planText = (reply: PlanReply, { convoy, rig }: Heading): string =>
  stringify(
    {
      convoy,
      title: line(reply.title),
      rig,
      beads: reply.beads.map((bead) => ({
        id: slugOf(bead.id),
        title: line(bead.title),
        task: `${plainLines(unmasked(bead.task)).trim()}\n`,
        ...optional('needs', bead.needs.map(slugOf)),
        ...optional(
          'files',
          bead.files.map(pathOf).filter((path) => path !== ''),
        ),
        ...(typeof bead.tier === 'string' && bead.tier !== '' ? { tier: slugOf(bead.tier) } : {}),
        ...optional('gates', bead.gates ?? []),
      })),
    },
    { lineWidth: 100 },
  );

const optional = (key: string, values: readonly string[]): Record<string, readonly string[]> =>
  values.length === 0 ? {} : { [key]: [...new Set(values)] };

const line = (text: string): string => oneLine(unmasked(text), 110);

/** `Add_Parser 2` is meant as `add-parser-2`; what cannot be a name is left for the check to tell. */
const slugOf = (name: string): string => {
  const slug = name
    .trim()
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40)
    .replaceAll(/-+$/g, '');
  return isSlug(slug) ? slug : oneLine(name, 60);
};

const pathOf = (path: string): string => oneLine(unmasked(path), 400).replace(/^\.\//, '');
