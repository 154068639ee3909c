/** How a direct landing begins, and what a person is told where it does not land. */
import { type DirectOf, type DirectRequest, type DirectStatus, directName, type Refusal } from './direct.ts';

/** Each is a person at a terminal who waits. */
const mostEarlier = 20;

export const begunStatus = (
  of: DirectOf,
  { id, target, title, untested }: DirectRequest,
  earlier: readonly string[],
): DirectStatus => ({
  ...{ id, earlier: earlier.slice(-mostEarlier), of, state: 'checking', checks: [], commits: 0, untested },
  ...{ rig: of.kind === 'bead' ? undefined : of.rig, target, upstream: undefined, title },
  ...{ head: undefined, commit: undefined, failure: undefined, evidenceRef: undefined },
});

/** The Refinery's own words are for polecats, who try again by themselves. */
export const sentBackNext = (of: DirectOf): string => {
  const name = directName(of);
  switch (of.kind) {
    case 'revert':
      return 'Revert it by hand on a branch of yours, repair that, and land it: gt land --direct BRANCH';
    case 'bead':
      return `Let its polecat repair it (\`gt resume ${name}\`), or land it without a test: --skip-tests --reason TEXT`;
    case 'branch':
      return `Repair ${name}, commit, and land it again; --skip-tests --reason TEXT lands it without a test.`;
  }
};

export const unknownBead = (of: DirectOf): Refusal => ({
  type: 'NotFound',
  what: `There is no bead named ${directName(of)}.`,
  evidence: `workflow bead/${directName(of)}: not found, or of a version of the town that does not tell where it lands`,
  next: 'See the names with `gt convoy list` and `gt convoy status CONVOY`; a branch of that name: add --rig RIG.',
});
