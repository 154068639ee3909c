import { commandText } from '../../../workflows/domain/host/commandForm.ts';
import type { HostCommand, ModelSettings } from '../../../workflows/domain/host/model.ts';
import { measured, type ResidentModel, unknown } from '../../../workflows/domain/host/probe.ts';
import { toldModels } from '../../../workflows/domain/host/probeOutput.ts';
import { fail } from '../../failure.ts';
import { callCommand } from './commandCall.ts';
import type { Access, Driver } from './driver.ts';
import { entryOf, listFacts, listOf } from './list.ts';

/** A probe only looks; an unload may wait for calls. */
const probeMs = 60_000;
const unloadMs = 15 * 60_000;

/**
 * A server with an OpenAI-compatible API whose models somebody else loads and unloads: LM Studio (`lms load`, or its
 * /api/v1/models/load), MLX, a proxy's swap endpoint. Without a probe, residency is only proved by generating.
 */
export const createCommandDriver = (access: Access): Driver => {
  const { host } = access;
  const { commands } = host;
  if (commands === undefined)
    throw fail('HostRefused', {
      what: `Host ${host.name} is of kind command and has no commands.`,
      evidence: `hosts.${host.name} in gastown.yaml`,
      next: `Add hosts.${host.name}.commands with load, unload and probe.`,
    });

  const call = (
    command: HostCommand,
    purpose: string,
    timeoutMs: number,
    signal: AbortSignal,
    model?: ModelSettings,
  ) =>
    callCommand(
      access,
      { command, purpose, timeoutMs, filling: model && { model: model.name, context: model.context } },
      signal,
    );

  const resident = async (signal: AbortSignal): Promise<readonly ResidentModel[]> => {
    const { probe } = commands;
    const by = probe === undefined ? `GET ${host.url}/v1/models` : commandText(probe, undefined);
    if (probe === undefined) {
      const silent = unknown(by);
      return (await listOf(access, signal)).map(({ name, context }) => ({
        ...{ name, id: name, state: 'present' as const, bytes: silent, inGpu: silent },
        context: measured(context, by),
      }));
    }
    const output = await call(probe, 'see what is in memory', probeMs, signal);
    const told = toldModels(output);
    if (told === undefined) throw unreadable(access, by, output);
    return told.map(({ name, state, context, bytes }) => ({
      ...{ name, id: name, state, inGpu: unknown(by) },
      ...{ context: measured(context, by), bytes: measured(bytes, by) },
    }));
  };

  const driver: Driver = {
    flavours: ['command'],
    resident,

    // What is not loaded may be in no list; then its name is believed, and the load shows.
    identify: async (model, signal) => {
      const list = await listOf(access, signal, model);
      return list.some(({ name }) => name === model.name) ? entryOf(access, list, model).name : model.name;
    },

    load: async (model, { present, limitMs }, signal) => {
      if (present?.state === 'ready' || present?.state === 'loading') return;
      await call(commands.load, `load ${model.name}`, limitMs, signal, model);
    },

    facts: async (signal) => listFacts(access, signal),

    capabilities: async () => ({
      load: measured(true, `hosts.${host.name}.commands.load`),
      unload: measured(commands.unload !== undefined, `hosts.${host.name}.commands.unload`),
      tokenizer: unknown('asked for with the first prompt'),
      ...{ tools: unknown(), jsonSchema: unknown() },
    }),
  };
  const { unload } = commands;
  if (unload === undefined) return driver;
  return {
    ...driver,
    unload: async ({ name }, signal) => {
      // Its context is nobody's to know here.
      const filling = { model: name, context: 0 };
      await callCommand(
        access,
        { command: unload, purpose: `unload ${name}`, timeoutMs: unloadMs, filling },
        signal,
      );
    },
  };
};

const unreadable = ({ host }: Access, by: string, output: string) =>
  fail('HostRefused', {
    what: `The probe of host ${host.name} did not say what is in memory.`,
    evidence: `${by}\n${output.slice(0, 500)}`,
    next: `hosts.${host.name}.commands.probe must print JSON with a list of models, or the name of each loaded model on a line.`,
  });
