import { describe, expect, test } from 'vitest';
import { configOf, mistakes, soundConfig } from './sample.ts';

const withRig = (...lines: readonly string[]): string =>
  soundConfig.concat(...lines.map((line) => `    ${line}\n`));

describe('what a rig’s commands may use and reach', () => {
  test('the network is off, on for public hosts, a list, or the machine’s own', () => {
    const networkOf = (written: string) => configOf(withRig(`network: ${written}`)).rigs[0]?.network;
    expect(configOf(soundConfig).rigs[0]?.network).toBe(false);
    expect(networkOf('true')).toBe(true);
    expect(networkOf('host')).toBe('host');
    expect(networkOf('[registry.example.org, "*.example.org:443", 10.0.0.5:4873]')).toEqual([
      ...['registry.example.org', '*.example.org:443', '10.0.0.5:4873'],
    ]);
  });

  test('limits are numbers, with defaults far above what tests need', () => {
    const limitsOf = (written: string) => configOf(withRig(`limits: ${written}`)).rigs[0]?.runLimits;
    expect(limitsOf('{memoryMiB: 2048, cpus: 1.5}')).toEqual({
      ...{ memoryMiB: 2_048, cpus: 1.5, processes: 4_096, openFiles: 65_536 },
      ...{ fileMiB: 4_096, shmMiB: 512, outputMiB: 8 },
    });
    expect(configOf(withRig('limits: {maxWorkers: 3}')).rigs[0]?.maxWorkers).toBe(3);
  });

  test.each([
    'internet',
    '"https://example.org"',
    '[https://example.org]',
    '["exa*mple.org"]',
    '[example.org:0]',
    '7',
  ])('G10: network: %s is refused with what is accepted', (written) => {
    expect(mistakes(() => configOf(withRig(`network: ${written}`))).join('\n')).toMatch(/network.*Expected/);
  });

  test('G10: what cannot be held, or holds too little, is a warning', () => {
    expect(configOf(withRig('network: [example.org]').concat('sandbox: off\n')).warnings).toContain(
      'rigs.app.network lists hosts, which nothing holds while sandbox is off.',
    );
    expect(configOf(withRig('network: host')).warnings.join()).toContain('rigs.app.network is host');
    expect(configOf(withRig('network: true')).warnings).toEqual([]);
  });
});
