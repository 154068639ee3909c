import { describe, expect, test } from 'vitest';
import { fleetArguments } from './arguments.ts';

const read = (line: string) => fleetArguments(line.split(' ').filter((word) => word !== ''));

describe('the command line of the bench', () => {
  test('is one scenario, random fleets or decisions, of all policies unless one is named', () => {
    expect(read('')).toMatchObject({ json: false, work: { kind: 'scenario', scenario: 'seed-c' } });
    expect(read('--scenario seed-a --policy planned --json')).toEqual({
      ...{ json: true, policies: ['planned'] },
      work: { kind: 'scenario', scenario: 'seed-a', loaded: [] },
    });
    expect(read('--random --seeds 3').work).toEqual({
      ...{ kind: 'random', hosts: [1, 2, 3], slots: [2, 4], seeds: [3] },
    });
    expect(read('--decision').work).toEqual({ kind: 'decision' });
  });

  test.each([
    ['2|4', [2, 4]],
    ['4', [4]],
    ['2..4', [2, 3, 4]],
    ['2,2,8', [2, 8]],
  ])('--slots %s is %j', (slots, numbers) => {
    expect(read(`--random --slots ${slots}`).work).toMatchObject({ slots: numbers });
  });

  test.each([
    ['--random --hosts 0', '--hosts 0: expected a number from 1'],
    ['--random --hosts 3..1', '--hosts 3..1: expected a number from 1'],
    ['--random --slots 2|x', '--slots 2|x: expected a number from 1'],
    ['--random --scenario seed-a', '--scenario and --random: one at a time'],
    ['--seeds 1..3', 'It goes with --random'],
    ['--random --loaded a=b', 'It goes with --scenario and a plan'],
    ['--decision --policy all', 'It goes with --scenario or --random'],
    ['--policy best', 'Known: all, least-connections'],
  ])('G10: %s is refused with what is accepted', (line, words) => {
    expect(() => read(line)).toThrow(words);
  });
});
