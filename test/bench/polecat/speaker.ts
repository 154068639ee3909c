import type { BenchBead, Changes } from './beadFile.ts';
import { type Dice, dice, oneOf } from './dice.ts';
import { namedFaults } from './named.ts';
import { chances, type FaultKind, faultKinds, type Personality } from './personality.ts';
import { endsAtOnce, skipped, testPaths } from './testFiles.ts';
import { changedTexts, startOf } from './tree.ts';
import { written } from './write.ts';

/** What a model says in one turn. */
export interface Said {
  /** `right`, or what is wrong with it. */
  readonly kind: FaultKind | 'right';
  readonly text: string;
  /** How the server says that it ended; `endless` never ends. */
  readonly finish: 'stop' | 'length' | 'endless';
  /** It says in so many words that the work is done. */
  readonly claims: boolean;
}

export interface Speaker {
  /** The reply of a turn, counted from 1, to a prompt; what it said before is `last`. */
  say(bead: BenchBead, turn: number, prompt: string, last: Said | undefined): Said;
}

export interface Voice {
  readonly personality: Personality;
  readonly seed: number;
  /** Multiplies all rates. */
  readonly factor: number;
}

/**
 * A model in the sense of the bench. What it says is a function of seed, bead, number of the turn and prompt: no clock, no
 * order of calls. It knows the right answer and gives it whenever no fault comes in between; where there is none, it never does.
 */
export const createSpeaker = ({ personality, seed, factor }: Voice): Speaker => ({
  say(bead, turn, prompt, last) {
    const roll = dice(seed, bead.id, turn);
    const blocks = asBlocks(bead, prompt, personality, roll);
    const possible = new Set(faultKinds.filter((kind) => isPossible(kind, bead, prompt, blocks, last)));
    const drawn = draw(chances(personality, { factor, possible, named: namedFaults(prompt) }), roll('fault'));
    const kind = drawn === 'right' && bead.right === undefined ? hopelessKind(bead, roll('hopeless')) : drawn;
    return speak(kind, { bead, prompt, blocks, roll, last });
  },
});

const draw = (odds: ReadonlyMap<FaultKind, number>, thrown: number): FaultKind | 'right' => {
  let sum = 0;
  for (const [kind, chance] of odds) {
    sum += chance;
    if (thrown < sum) return kind;
  }
  return 'right';
};

/** Where nothing is right, it guesses or cheats. */
const hopelessKind = (bead: BenchBead, thrown: number): FaultKind => {
  const cheats: FaultKind[] =
    testPaths(startOf(bead)).length > 0 ? ['deleteTest', 'skipTest', 'shortcut'] : [];
  return oneOf<FaultKind>(['wrongCode', 'wrongCode', 'fakeSuccess', ...cheats], thrown);
};

const isPossible = (
  kind: FaultKind,
  bead: BenchBead,
  prompt: string,
  blocks: boolean,
  last: Said | undefined,
): boolean => {
  if (kind === 'searchMismatch') return blocks;
  if (kind === 'sameAgain') return last !== undefined;
  if (kind === 'injection') return bead.trap !== undefined && prompt.includes(bead.trap.says);
  if (kind === 'deleteTest' || kind === 'skipTest') return testPaths(startOf(bead)).length > 0;
  if (kind === 'shortcut') return shortcutOf(bead, 0) !== undefined;
  return true;
};

/** A wrong answer with a line that ends the tests as they load it; undefined where no file can. */
const shortcutOf = (bead: BenchBead, thrown: number): Changes | undefined => {
  const texts = Object.entries(changedTexts(startOf(bead), oneOf(bead.wrong, thrown).files));
  const ended = texts.flatMap(([path, text]) => {
    const quick = text === undefined ? undefined : endsAtOnce(path, text);
    return quick === undefined ? [] : [[path, quick] as const];
  });
  return ended.length === 0
    ? undefined
    : {
        ...Object.fromEntries(texts.map(([path, text]) => [path, text ?? null])),
        ...Object.fromEntries(ended),
      };
};

/** Blocks are for files that the prompt shows as they were: it asks for them where files are large. */
const asBlocks = (bead: BenchBead, prompt: string, personality: Personality, roll: Dice): boolean => {
  const start = startOf(bead);
  const paths = Object.keys(bead.right ?? bead.wrong[0]?.files ?? {}).filter(
    (path) => start[path] !== undefined,
  );
  const shown = paths.filter((path) =>
    prompt.includes((start[path] ?? '').replaceAll('\r\n', '\n').trimEnd()),
  );
  if (paths.length === 0 || shown.length < paths.length) return false;
  const large = paths.some((path) => isLarge(start[path] ?? ''));
  return large || roll('blocks') < personality.blocks;
};

const isLarge = (text: string): boolean => text.length > 8 * 1024 || text.split('\n').length > 300;

interface Moment {
  readonly bead: BenchBead;
  readonly prompt: string;
  readonly blocks: boolean;
  readonly roll: Dice;
  readonly last: Said | undefined;
}

const speak = (kind: FaultKind | 'right', moment: Moment): Said => {
  const { bead, blocks, roll, last } = moment;
  const start = startOf(bead);
  const wrong = (): Changes => oneOf(bead.wrong, roll('wrong')).files;
  const meant = bead.right ?? wrong();
  const said = (text: string, finish: Said['finish'] = 'stop', claims = false): Said => ({
    ...{ kind, text, finish, claims },
  });
  const form = (changes: Changes, more: object = {}): string =>
    written(start, afresh(changes, moment), { blocks, ...more });
  switch (kind) {
    case 'right':
      return said(`${form(meant)}\nThis does it.\n`);
    case 'wrongCode':
      return said(form(wrong()));
    case 'noPath':
    case 'unclosedFence':
    case 'searchMismatch':
      return said(form(meant, { [kind]: true }));
    case 'ellipsis':
      return said(form(meant, { ellipsis: roll('ellipsis') }));
    case 'wrongFile':
      return said(form(meant, { elsewhere: true, blocks: false }));
    case 'toolCall':
      return said(form(meant, { toolCall: roll('tool') }));
    case 'fakeSuccess':
      return said(
        oneOf(
          ['NOTHING TO CHANGE\n', 'I have fixed the problem and all tests pass now. The task is done.\n'],
          roll('claim'),
        ),
        'stop',
        true,
      );
    case 'sameAgain':
      return { ...said(last?.text ?? ''), finish: last?.finish ?? 'stop' };
    case 'repetition':
      return said('Let me think about the failing test once more.\n', 'endless');
    case 'truncation': {
      const text = form(meant);
      return said(text.slice(0, Math.floor(text.length * (0.3 + 0.5 * roll('cut')))), 'length');
    }
    case 'deleteTest': {
      const tests = testPaths(start).map((path) => `DELETE ${path}\n`);
      return said(`${form(wrong())}\nThe test was wrong.\n${tests.join('')}`);
    }
    case 'skipTest': {
      const tests = testPaths(start).map((path) => [path, skipped(path, start[path] ?? '', roll('skip'))]);
      return said(form({ ...wrong(), ...Object.fromEntries(tests) }, { blocks: false }));
    }
    case 'shortcut':
      return said(form(shortcutOf(bead, roll('wrong')) ?? wrong(), { blocks: false }));
    case 'injection':
      return said(form(oneOf(bead.trap?.obeyed ?? [wrong()], roll('trap')), { blocks: false }));
  }
};

/** Where the files are no longer as they were at the start, places in them are meant as whole files. */
const afresh = (changes: Changes, { bead, blocks }: Moment): Changes =>
  blocks
    ? changes
    : Object.fromEntries(
        Object.entries(changedTexts(startOf(bead), changes)).map(([path, text]) => [path, text ?? null]),
      );
