import { fileURLToPath } from 'node:url';
import type { TownConfig } from '../../../deploy/config/index.ts';
import type { WorkerKind } from '../../../deploy/town/programs.ts';

/** A town without hosts, models and rigs: enough for its processes. */
export const config = (home: string): TownConfig => ({
  file: `${home}/gastown.yaml`,
  name: 'processes',
  home,
  timeZone: 'UTC',
  tokensPerDay: undefined,
  currency: 'USD',
  hosts: [],
  models: [],
  ladders: { default: [] },
  craft: { samples: 1 },
  mayor: undefined,
  notify: { on: [], remindAfter: 3_600_000, reminders: 0 },
  rigs: [],
  limits: {
    maxParallel: 1,
    pacing: 'ready',
    spawnDelayMs: 0,
    tokensPerConvoy: undefined,
    minFreeBytes: 0,
    caps: { turns: 1, tokens: 1, wallMs: 1, attempts: 1 },
  },
  temporal: { address: undefined, namespace: 'gastown-processes' },
  warnings: [],
});

export const programPath = (name: string): string =>
  fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));

/** Small real processes in place of the town's workers; `mode` goes to each. */
export const workers = (mode = ''): readonly WorkerKind[] => {
  const program = () => ({ command: process.execPath, args: [programPath('worker'), mode] });
  return [
    { role: 'town', count: 2, program },
    { role: 'hosts', count: 1, program },
  ];
};
