/** Whether a rig's gates name the tests that fail: only then may the planner go by names. */
export interface Naming {
  /** Failed runs that named tests, and that named none; older ones weigh less. */
  readonly named: number;
  readonly unnamed: number;
}

const remembered = 0.97;
/** Before so many have named theirs nothing is believed of them, and so large a share of them must go on to. */
const enough = 2.5;
const share = 0.6;

export const withFailure = ({ named, unnamed }: Naming, names: number): Naming => ({
  named: named * remembered + (names > 0 ? 1 : 0),
  unnamed: unnamed * remembered + (names > 0 ? 0 : 1),
});

export const doesName = ({ named, unnamed }: Naming): boolean =>
  named >= enough && named >= share * (named + unnamed);
