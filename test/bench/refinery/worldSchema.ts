import * as z from 'zod';
import { decimal, line, listOf, slug, whole, withForm } from '../../../deploy/input/forms.ts';

const test = (): z.ZodString => line(200, 'the name of a test, on one line');
const branchName = () => withForm(slug(), 'the id of a branch of this world');

const branch = withForm(
  z.strictObject({
    id: slug(),
    arrives: decimal(0, 1_000_000, 'lengths of a usual test').default(0),
    areas: listOf(slug(), 'areas, such as api', 1),
    breaks: test().optional(),
    breaksBuild: withForm(z.boolean(), 'true or false').default(false),
    priority: whole(-1_000, 1_000, 'what is higher goes first').default(0),
  }),
  'a branch: a map with id and areas, and with breaks where it is bad',
);

const pair = withForm(z.tuple([branchName(), branchName()]), 'a list of two branches');

/** A truth table as it is written. */
export const worldSchema = withForm(
  z.strictObject({
    about: line(400, 'one line about the world').optional(),
    seed: whole(0, 2_147_483_647, 'a seed').default(1),
    branches: listOf(branch, 'branches', 1),
    conflicts: listOf(pair, 'pairs that do not merge').default([]),
    quarrels: listOf(
      withForm(
        z.strictObject({ between: pair, breaks: test() }),
        'a quarrel: a map with between, a list of two branches, and breaks',
      ),
      'quarrels',
    ).default([]),
    flakeRate: decimal(0, 0.9, 'the share of runs that fail by themselves').default(0),
    sigma: decimal(0, 3, 'the spread of the lengths of tests').default(0),
  }),
  'a world: a map with branches',
);
