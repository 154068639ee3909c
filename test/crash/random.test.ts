import { expect, onTestFailed, test } from 'vitest';
import { type CrashTown, killQuietly, makeCrashTown } from './crashTown.ts';
import { expectAllLanded, expectGreenMain, expectLandedOnce, expectNothingLeft } from './oracle.ts';
import { gitsIn } from './watch.ts';

/** Another seed, another run: GASTOWN_CRASH_SEED=7. */
const seed = Number(process.env['GASTOWN_CRASH_SEED'] ?? 3);
const killForMs = 40_000;

/** The same numbers for the same seed, in [0, 1). */
const numbers = (from: number) => {
  let state = from;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Kills somebody every one to three seconds, or stops a worker until it is given up and lets it go on. */
const killAround = async (town: CrashTown, signal: AbortSignal): Promise<number> => {
  const random = numbers(seed);
  const until = performance.now() + killForMs;
  let kills = 0;
  while (performance.now() < until) {
    await pause(1_000 + 2_000 * random(), signal);
    if (signal.aborted) return kills;
    const dice = random();
    const which = Math.floor(random() * 2);
    if (dice < 0.1) await town.kill('server', 'at random');
    else if (dice < 0.38) await town.kill('town', 'at random', which);
    else if (dice < 0.45) await town.kill('spawner', 'at random', which);
    else if (dice < 0.55) await town.kill('hosts', 'at random', which);
    else if (dice < 0.7) await town.freeze(which, 4_000);
    else await killGit(town, random, signal);
    kills++;
  }
  return kills;
};

/** Waits for a git of the town, since they live for milliseconds. */
const killGit = async (town: CrashTown, random: () => number, signal: AbortSignal): Promise<void> => {
  for (let round = 0; round < 200 && !signal.aborted; round++) {
    const gits = await gitsIn(town.home);
    const pid = gits[Math.floor(random() * gits.length)];
    if (pid === undefined) continue;
    killQuietly(pid);
    return town.tell(`KILL git ${pid}: at random`);
  }
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true });
  });

test(`G5: a convoy lands once and green while anything is killed at random (seed ${seed})`, async () => {
  await using town = await makeCrashTown({ workers: { town: 2, hosts: 2 }, sandbox: 'off' });
  onTestFailed(() => console.log(town.events.join('\n')));
  await town.open();
  const over = new AbortController();
  const killing = killAround(town, over.signal);
  const result = await town.land('ten').finally(() => over.abort());
  const kills = await killing;
  await expectAllLanded(town, 'ten', result);
  await town.close();

  expect(kills).toBeGreaterThan(5);
  await expectLandedOnce(town, 'ten');
  await expectGreenMain(town);
  await expectNothingLeft(town);
});
