import { expect, test } from 'vitest';
import { temporalLine } from '../../../client/render/temporalLine.ts';

const config = (address: string | undefined) => ({
  file: '/town/gastown.yaml',
  temporal: { address, namespace: 'gastown-mill' },
});

test.each([
  [undefined, {}, 'Temporal: a server of the town’s own, since /town/gastown.yaml sets no temporal.address.'],
  [
    undefined,
    { TEMPORAL_ADDRESS: 'prod.example:7233\u001b[2J' },
    'Temporal: a server of the town’s own, since /town/gastown.yaml sets no temporal.address. ' +
      'TEMPORAL_ADDRESS (prod.example:7233) is not used; to use it, set temporal.address.',
  ],
  [
    'own.example:7233',
    { TEMPORAL_ADDRESS: 'prod.example:7233' },
    'Temporal: own.example:7233, namespace gastown-mill, as temporal.address in /town/gastown.yaml says; ' +
      'TLS and keys as TEMPORAL_* variables and the profile of the temporal command line say.',
  ],
])('with address %j and %j it is said which server is used, and why', (address, env, line) => {
  expect(temporalLine(config(address), env)).toBe(line);
});
