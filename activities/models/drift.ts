import { isCalled } from '../../workflows/domain/host/modelServer.ts';
import type { ResidentModel } from '../../workflows/domain/host/probe.ts';
import { residentOf } from './gate.ts';
import type { Shift } from './shift.ts';

/**
 * What the host holds against what the town has loaded there: somebody else may use the server, and what a model takes is known
 * only once it is in memory. Loads nothing and closes nothing; a model of ours that is gone is found by its check.
 */
export const seeDrift = (shift: Shift, found: readonly ResidentModel[]): void => {
  const held = found.filter(({ state }) => state !== 'present' && state !== 'sleeping');
  const ours = [...shift.gates.values()].map(({ model }) => model);
  // Aliases of the same weights have one entry under another name: with no more entries than models of ours, none is a stranger.
  const strange = held.filter(({ name }) => !ours.some((model) => isCalled(model.name, name)));
  shift.strangers =
    held.length > residentOf(shift.gates).length
      ? [...new Set(strange.map(({ name }) => name))].toSorted()
      : [];
  for (const { name, bytes } of held) {
    const model = ours.find((one) => isCalled(one.name, name));
    if (model !== undefined && bytes.value !== undefined) shift.sizes.set(model.key, bytes.value);
  }
};
