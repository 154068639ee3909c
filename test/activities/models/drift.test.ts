import { expect, test } from 'vitest';
import { seeDrift } from '../../../activities/models/drift.ts';
import type { Gate } from '../../../activities/models/gate.ts';
import type { Shift } from '../../../activities/models/shift.ts';
import { hostReportShape } from '../../../workflows/domain/fleet/fleetShapes.ts';
import { measured, type ResidentModel } from '../../../workflows/domain/host/probe.ts';
import { faultOf } from '../../../workflows/domain/shape.ts';
import { modelNamed } from '../../support/model/settings.ts';
import { reportOf } from '../../workflows/domain/fleet/told.ts';

const coder = modelNamed('coder:32b');
const critic = modelNamed('critic:32b');

const found = (name: string, over: object = {}): ResidentModel =>
  ({ name, id: name, state: 'ready', bytes: measured(7, 'x'), ...over }) as unknown as ResidentModel;

/** What of a lease this looks at, with the gates of these models open, each under the name that its server knows. */
const shiftOf = (open: Readonly<Record<string, string>> = {}) => {
  const gates = new Map(
    Object.entries(open).map(([key, name]) => [
      key,
      { model: { ...coder, key, name }, servedBy: key } as Gate,
    ]),
  );
  return {
    gates,
    models: [coder, critic],
    strangers: [] as readonly string[],
    kept: [] as readonly string[],
    sizes: new Map<string, number>(),
  };
};
const see = (shift: ReturnType<typeof shiftOf>, ...held: readonly ResidentModel[]): readonly string[] => {
  seeDrift(shift as unknown as Shift, held);
  return shift.strangers;
};

test('what is held besides our models is somebody else’s, until it is gone', () => {
  const shift = shiftOf({ coder: 'coder:32b' });
  expect(see(shift, found('coder:32b'), found('llama:70b'))).toEqual(['llama:70b']);
  expect(see(shift, found('coder:32b'))).toEqual([]);
  expect(see(shift, found('coder:32b'), found('llama:70b', { state: 'present' }))).toEqual([]);
});

test('our model under the name of its alias is no stranger', () => {
  expect(see(shiftOf({ coder: 'coder-32b-ctx4096' }), found('coder:32b'))).toEqual([]);
  expect(see(shiftOf({ coder: 'coder-32b-ctx4096' }), found('coder-32b-ctx4096'))).toEqual([]);
});

test('what a drained host keeps of ours is no stranger, and what others have there is', () => {
  expect(see(shiftOf(), found('coder:32b'))).toEqual([]);
  expect(see(shiftOf(), found('coder-32b-ctx4096'))).toEqual([]);
  expect(see(shiftOf(), found('critic:32b'), found('llama:70b'))).toEqual(['llama:70b']);
});

test('what a drained host keeps is told as long as the server holds it', () => {
  const shift = { ...shiftOf(), kept: [coder.key, critic.key] };
  see(shift, found('coder-32b-ctx4096'), found('critic:32b'));
  expect(shift.kept).toEqual([coder.key, critic.key]);
  see(shift, found('critic:32b'));
  expect(shift.kept).toEqual([critic.key]);
});

test('what our models take is learned', () => {
  const shift = shiftOf({ coder: 'coder:32b' });
  see(shift, found('coder:32b', { bytes: measured(42, 'x') }), found('llama:70b'));
  expect([...shift.sizes]).toEqual([['coder', 42]]);
});

test('G9: however many and however long names a server tells, the report is heard', () => {
  const many = Array.from({ length: 300 }, (_, n) => found(`${n}-${'x'.repeat(5_000)}`));
  const strangers = see(shiftOf(), ...many);
  expect(strangers.length).toBeGreaterThan(0);
  expect(faultOf(hostReportShape, reportOf('box', { strangers }))).toBeUndefined();
});
