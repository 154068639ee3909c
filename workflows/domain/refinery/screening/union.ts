import { firstMass } from './confirm.ts';
import { mergeable, pack } from './pack.ts';
import { riskOf, type Sight, spareSlots } from './sight.ts';
import type { Work } from './work.ts';

/** With more choices than these nothing is likely enough. */
const mostChoices = 40;
const mostLooked = 200;
/** A union that is less likely to pass is not worth a slot. */
const leastChance = 0.02;

/** Some branches, and who of them is bad, the likeliest first. */
interface Choice {
  readonly members: readonly number[];
  readonly culprits: readonly { readonly chance: number; readonly members: readonly number[] }[];
}

interface Guess {
  readonly chance: number;
  /** For each choice the place of what is taken for true. */
  readonly taken: readonly number[];
  readonly last: number;
}

/** Idle slots test what would land if the likeliest culprits were all: best first, never the same twice. */
export const startUnions = (sight: Sight, work: Work): void => {
  if (spareSlots(sight) <= 0 || (!work.rides && sight.quarrelRate === 0)) return;
  const choices = choicesOf(sight, work);
  if (choices.length === 0 || choices.length > mostChoices) return;
  const good = work.rides ? work.carried : pack(sight, work.good, { mass: firstMass }).members;
  const known = new Set([...sight.runs, ...sight.start].map(({ members }) => keyOf(sight, members)));
  const guesses: Guess[] = [
    {
      chance: product(choices.map(({ culprits }) => culprits[0]?.chance ?? 1)),
      taken: choices.map(() => 0),
      last: 0,
    },
  ];
  for (let looked = 0; spareSlots(sight) > 0 && looked < mostLooked; looked++) {
    const guess = takeLikeliest(guesses);
    if (guess === undefined || guess.chance < leastChance) return;
    const members = mergeable(sight, [...good, ...unaccused(sight, choices, guess)]);
    const key = keyOf(sight, members);
    if (members.length > 0 && !known.has(key)) {
      known.add(key);
      sight.start.push({ members, purpose: 'union' });
    }
    guesses.push(...nextGuesses(choices, guess));
  }
};

const choicesOf = (sight: Sight, { suspects, fresh }: Work): readonly Choice[] => [
  ...suspects.flatMap(({ component, split }) =>
    split.culprits.length === 0 ? [] : [{ members: component.members, culprits: split.culprits }],
  ),
  ...fresh.slice(0, mostChoices + 1).map((id) => ({
    members: [id],
    culprits: [
      { chance: 1 - riskOf(sight, id), members: [] },
      { chance: riskOf(sight, id), members: [id] },
    ],
  })),
];

const unaccused = (sight: Sight, choices: readonly Choice[], { taken }: Guess): readonly number[] => {
  const accused = new Set(choices.flatMap(({ culprits }, at) => culprits[taken[at] ?? 0]?.members ?? []));
  return choices
    .flatMap(({ members }) => members)
    .filter((id) => !accused.has(id) && !sight.convicts.has(id) && sight.byId.get(id)?.clean === false);
};

const nextGuesses = (choices: readonly Choice[], guess: Guess): readonly Guess[] =>
  choices.flatMap(({ culprits }, at) => {
    const place = guess.taken[at] ?? 0;
    const [now, next] = [culprits[place], culprits[place + 1]];
    if (at < guess.last || now === undefined || next === undefined) return [];
    return [
      { chance: (guess.chance * next.chance) / now.chance, taken: guess.taken.with(at, place + 1), last: at },
    ];
  });

const takeLikeliest = (guesses: Guess[]): Guess | undefined => {
  let best = 0;
  guesses.forEach(({ chance }, at) => {
    if (chance > (guesses[best]?.chance ?? 0) + 1e-15) best = at;
  });
  return guesses.splice(best, 1)[0];
};

const keyOf = ({ byId }: Sight, members: readonly number[]): string =>
  members
    .filter((id) => byId.has(id))
    .toSorted((a, b) => a - b)
    .join();

const product = (chances: readonly number[]): number => chances.reduce((all, one) => all * one, 1);
