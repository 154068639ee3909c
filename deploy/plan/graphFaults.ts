import {
  checkGraph,
  type GraphFault,
  type GraphNode,
  graphFaultText,
} from '../../workflows/domain/plan/graph.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { itemsOf, valueAt } from '../input/rawValue.ts';
import type { InputFault } from '../input/rejected.ts';
import type { Path, YamlSource } from '../input/yamlSource.ts';

/**
 * Faults of the graph that the list at a path makes, each at the entry that is at fault. Its nodes may also need those
 * of `known`, which are not in the file.
 */
export const graphFaults = (source: YamlSource, path: Path, known: readonly string[]): InputFault[] => {
  const nodes = itemsOf(source.value, path).map((item, index): GraphNode => {
    const id = valueAt(item, ['id']);
    const needs = itemsOf(item, ['needs']);
    return {
      // A name that nobody can need, for beads that lack one.
      id: typeof id === 'string' ? id : `\0${index}`,
      needs: needs.map((need) => (typeof need === 'string' ? need : '')),
    };
  });
  // The known ones come last, so that indexes of faults are those of the file.
  return checkGraph([...nodes, ...known.map((id) => ({ id, needs: [] }))])
    .filter((fault) => !toldByShape(fault))
    .map((fault) => {
      if (fault.kind === 'duplicate' && fault.node >= nodes.length) {
        return source.fault(
          [...path, fault.first, 'id'],
          `the epic has a bead "${fault.id}" already`,
          'Take a new id',
        );
      }
      const what = oneLine(graphFaultText(fault), 600);
      return source.fault([...path, ...placeOf(fault)], what, acceptedOf(fault, path));
    });
};

/** The schema has told of ids that are missing or unfit. */
const toldByShape = (fault: GraphFault): boolean =>
  fault.kind === 'unfitId' || (fault.kind === 'unknownNeed' && fault.needs === '');

const placeOf = (fault: GraphFault): Path => {
  switch (fault.kind) {
    case 'tooMany':
      return [];
    case 'unfitId':
    case 'duplicate':
    case 'duplicateIgnoringCase':
      return [fault.node, 'id'];
    case 'selfNeed':
    case 'unknownNeed':
      return [fault.node, 'needs', fault.need];
    case 'cycle': {
      const [first] = fault.edges;
      return first === undefined ? [] : [first.node, 'needs', first.need];
    }
  }
};

const acceptedOf = (fault: GraphFault, path: Path): string => {
  const kind = path.at(-1) === 'epics' ? 'epic' : 'bead';
  if (fault.kind === 'cycle') return 'Remove one of these needs';
  if (fault.kind === 'duplicate' || fault.kind === 'duplicateIgnoringCase')
    return `Give every ${kind} its own id`;
  if (fault.kind === 'selfNeed') return 'Remove this need';
  if (fault.kind === 'unknownNeed') return `Name ${kind}s of the same ${kind === 'epic' ? 'plan' : 'epic'}`;
  return '';
};
