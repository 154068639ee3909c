import type { BeadLine } from '../../workflows/domain/report/report.ts';

type State = BeadLine['state'];

const marks: Partial<Record<State, string>> = {
  landed: '✓',
  blocked: '✗',
  cancelled: '✗',
  held: '-',
  parked: '=',
  pending: '·',
};

/** One character that says the state without colour. */
export const stateMark = (state: State): string => marks[state] ?? '>';

/** The colour of a line about a bead in this state. */
export const stateStyle = (state: State | undefined): 'green' | 'red' | 'yellow' | 'dim' | 'cyan' => {
  if (state === 'landed') return 'green';
  if (state === 'blocked' || state === 'cancelled') return 'red';
  if (state === 'parked' || state === 'held') return 'yellow';
  return state === 'pending' ? 'dim' : 'cyan';
};
