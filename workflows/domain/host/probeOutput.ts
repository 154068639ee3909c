import { field, itemsIn, parsedJson, positiveIn, textIn } from '../queue/foreign.ts';

/** A model in memory, as a program or a path of the configuration tells it. */
export interface ToldModel {
  readonly name: string;
  readonly state: 'loading' | 'ready' | 'leaving' | 'sleeping';
  readonly context: number | undefined;
  readonly bytes: number | undefined;
}

/**
 * What is in memory, by the output of a probe: a JSON list of models, bare or as a field (`lms ps --json`, `GET /api/v1/models` of LM
 * Studio, `/running`, `/v1/models`), or a name on each line. Undefined when it is neither.
 */
export const toldModels = (output: string): readonly ToldModel[] | undefined => {
  const text = output.trim();
  if (!/^[[{]/.test(text)) {
    const lines = text.split('\n').map((line) => line.trim());
    return lines.filter((line) => line !== '').map((name) => ({ ...nothing, name }));
  }
  const json = parsedJson(text);
  const list = Array.isArray(json) ? json : lists.map((name) => field(json, name)).find(Array.isArray);
  return Array.isArray(list) ? list.flatMap(readModel) : undefined;
};

const lists = ['models', 'data', 'running', 'loaded'];

const nothing = { state: 'ready', context: undefined, bytes: undefined } as const;

const readModel = (entry: unknown): readonly ToldModel[] => {
  if (typeof entry === 'string') return entry.trim() === '' ? [] : [{ ...nothing, name: entry }];
  const name = first(entry, ['identifier', 'model', 'id', 'key', 'modelKey', 'name'], textIn);
  if (name === undefined) return [];
  // LM Studio lists what it could load, too, each with its instances.
  const instances = field(entry, 'loaded_instances');
  const [instance] = itemsIn(entry, 'loaded_instances');
  if (Array.isArray(instances) && instance === undefined) return [];
  const state = stateOf(
    textIn(entry, 'state') ?? textIn(entry, 'status') ?? textIn(field(entry, 'status'), 'value'),
  );
  if (state === undefined) return [];
  const sizes = [
    'context',
    'context_length',
    'contextLength',
    'loaded_context_length',
    'n_ctx',
    'max_model_len',
  ];
  return [
    {
      ...{ name, state },
      context: first(field(instance, 'config') ?? entry, sizes, positiveIn),
      bytes: first(entry, ['bytes', 'size', 'sizeBytes', 'size_bytes'], positiveIn),
    },
  ];
};

/** Undefined: it is not in memory. */
const stateOf = (text: string | undefined): ToldModel['state'] | undefined => {
  if (text === undefined) return 'ready';
  if (/^(not-loaded|unloaded|stopped|shutdown|idle-unloaded)$/i.test(text)) return;
  if (/load(ing)?$|start/i.test(text) && !/loaded/i.test(text)) return 'loading';
  if (/stopping|unloading|leaving/i.test(text)) return 'leaving';
  return /sleep/i.test(text) ? 'sleeping' : 'ready';
};

const first = <T>(
  entry: unknown,
  names: readonly string[],
  read: (entry: unknown, name: string) => T | undefined,
): T | undefined => names.map((name) => read(entry, name)).find((value) => value !== undefined);
