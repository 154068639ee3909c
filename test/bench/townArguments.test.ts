import { describe, expect, test } from 'vitest';
import { townArguments } from './townArguments.ts';

const read = (line: string) => townArguments(line.split(' ').filter((word) => word !== ''));

describe('the command line of the bench of a town', () => {
  test('is a load of beads, or a scenario of a fleet', () => {
    expect(read('')).toEqual({
      ...{ json: false, work: { kind: 'load', beads: 200, parallel: 50, shape: 'wide', keep: false } },
    });
    expect(read('--fleet seed-a --scale 600 --svg a.svg --json')).toEqual({
      ...{ json: true },
      work: { kind: 'fleet', scenario: 'seed-a', scale: 600, svg: 'a.svg', loaded: [] },
    });
  });

  test.each([
    ['--fleet', '--fleet <value>'],
    ['--fleet=', '--fleet names no scenario'],
    ['--fleet seed-a --scale 0', '--scale 0 cannot be.'],
    ['--fleet seed-a --scale -3', '--scale'],
    ['--fleet seed-a --scale fast', '--scale fast cannot be.'],
    ['--fleet seed-a --beads 3', '--beads says nothing beside --fleet.'],
    ['--scale 60', '--scale says nothing without --fleet.'],
    ['--beads 1.5', '--beads 1.5 cannot be.'],
    ['--shape round', '--shape round is none.'],
    ['--quick', '--quick'],
  ])('G10: %s is refused with what is accepted', (line, words) => {
    expect(() => read(line)).toThrow(words);
    expect(() => read(line)).toThrow(/^.+\n {2}.+\n {2}.+$/);
  });
});
