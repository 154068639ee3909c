import type { ModelSettings } from '../../workflows/domain/host/model.ts';
import { carrierName, isCalled, isLoadedFor } from '../../workflows/domain/host/modelServer.ts';
import type { ResidentModel } from '../../workflows/domain/host/probe.ts';
import { residentOf } from './gate.ts';
import type { Shift } from './shift.ts';

/** The server names them: a report with too many or too long ones would be heard by nobody. */
const longestName = 200;
const mostStrangers = 20;

/**
 * What the host holds against what the town has loaded there: somebody else may use the server, and what a model takes is known
 * only once it is in memory. Loads nothing and closes nothing; a model of ours that is gone is found by its check.
 */
export const seeDrift = (shift: Shift, found: readonly ResidentModel[]): void => {
  const held = found.filter(({ state }) => state !== 'present' && state !== 'sleeping');
  const ours = [...shift.gates.values()].map(({ model }) => model);
  // With no gate open, what we have loaded is still there: a drained host keeps it.
  const kept = shift.gates.size > 0 ? [] : shift.models.flatMap(namesOf);
  shift.kept = shift.kept.filter((key) =>
    shift.models.some((model) => model.key === key && held.some(({ name }) => isLoadedFor(name, model))),
  );
  // Aliases of the same weights have one entry under another name: with no more entries than models of ours, none is a stranger.
  const strange = held.filter(
    ({ name }) => ![...ours.map((model) => model.name), ...kept].some((own) => isCalled(own, name)),
  );
  const names = [...new Set(strange.map(({ name }) => name.slice(0, longestName)))].toSorted();
  shift.strangers = held.length > residentOf(shift.gates).length ? names.slice(0, mostStrangers) : [];
  for (const { name, bytes } of held) {
    const model = ours.find((one) => isCalled(one.name, name));
    if (model !== undefined && bytes.value !== undefined) shift.sizes.set(model.key, bytes.value);
  }
};

/** What a server may call a model of ours. */
const namesOf = ({ name, context }: ModelSettings): readonly string[] => [name, carrierName(name, context)];
