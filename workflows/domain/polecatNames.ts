/** Names of polecats. A name is an identity, kept in trailers and reports; it says nothing of worktree or model. */
export const polecatPool: readonly string[] = `
  furiosa nux slit rictus dementus capable toast dag cheedo valkyrie angharad keeper
  morsov ace coma miss-giddy organic scrotus praetorian jack max goose fifi jessie
  toecutter johnny bubba cundalini mudguts diabando nightrider roop charlie grinner sarse clunk
  starbuck pappagallo wez humungus toadie gyro feral zetta big-rebecca curmudgeon papa warrior
  golden-youth lusty aunty blaster master ironbar pig-killer savannah jedediah scrooloose blackfinger gekko
  slake eddie mr-skyfish dealgood collector tonton chum glory scabrous stank splendid hope
  vuvalini octoboss mortiflyer elvis smeg vulture war-pup doof
`
  .trim()
  .split(/\s+/);

/**
 * The next `count` names. The cursor counts all names that were ever taken: fewer than the pool in a row are all
 * different, and later rounds carry their number (`furiosa-2`), so that a name is never given twice.
 */
export const takeNames = (
  cursor: number,
  count: number,
): { readonly names: readonly string[]; readonly cursor: number } => ({
  names: Array.from({ length: count }, (_, index) => nameAt(cursor + index)),
  cursor: cursor + count,
});

const nameAt = (number: number): string => {
  const name = polecatPool[number % polecatPool.length] ?? 'polecat';
  const round = Math.floor(number / polecatPool.length) + 1;
  return round === 1 ? name : `${name}-${round}`;
};
