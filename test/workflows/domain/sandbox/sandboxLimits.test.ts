import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defaultMemoryMiB,
  defaultSandboxLimits,
  type MetLimit,
  metLimitWords,
} from '../../../../workflows/domain/sandbox/sandboxLimits.ts';

describe('limits of a command', () => {
  test.each([
    ['memory', "killed at 2,048 MiB of memory (the rig's limits.memoryMiB raises it)"],
    ['processes', "stopped at 4,096 processes at a time (the rig's limits.processes raises it)"],
    ['file', "stopped at a file of 4,096 MiB (the rig's limits.fileMiB raises it)"],
  ] as const)('G10: %s is said with the number and the setting that raises it', (met: MetLimit, words) => {
    expect(metLimitWords(met, { ...defaultSandboxLimits, memoryMiB: 2_048 })).toBe(words);
  });

  test('without a setting a command has three quarters of the machine, never nothing', () => {
    expect(defaultMemoryMiB(16 * 2 ** 30)).toBe(12_288);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
        expect(defaultMemoryMiB(bytes)).toBeGreaterThanOrEqual(512);
      }),
    );
  });
});
