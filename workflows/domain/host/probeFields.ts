import { oneLine } from '../text.ts';
import {
  type HostProbe,
  measured,
  type Provenance,
  type ResidentModel,
  type Told,
  unknown,
} from './probe.ts';

/** One thing that is known of a host, or is not, with where that comes from. */
export interface ProbeField {
  readonly field: string;
  /** Null: unknown. Bytes and tokens as numbers. */
  readonly value: string | number | boolean | readonly string[] | null;
  readonly unit?: 'bytes' | 'tokens';
  readonly from: Provenance;
  /** What told it, or why it is not known. */
  readonly by: string;
}

/** Names of models that are listed: a host may have hundreds. */
const mostNames = 30;
/** Entries of a server that may be anything. */
const mostResident = 20;

/** A probe as a list: what serves there, what it could and what it does hold, what it does now, and what it can do. */
export const probeFields = (probe: HostProbe): readonly ProbeField[] => {
  const { software, version, models, resident, memory, used, slots, running, waiting, capabilities } = probe;
  const { load, unload, tokenizer, tools, jsonSchema } = capabilities;
  const held = (resident.value ?? []).slice(0, mostResident);
  return [
    flavourField(probe),
    field('software', software),
    field('version', version),
    field('models', { ...models, value: models.value?.slice(0, mostNames) }),
    field('resident', { ...resident, value: resident.value && held.map(({ name }) => name) }),
    ...held.flatMap(residentFields),
    field('memory', memory, 'bytes'),
    field('memory used', used, 'bytes'),
    field('slots', slots),
    field('calls running', running),
    field('calls waiting', waiting),
    field('idle', idleOf(running, waiting)),
    ...[field('loads models', load), field('unloads models', unload)],
    ...[field('counts tokens', tokenizer), field('native tools', tools), field('JSON schema', jsonSchema)],
  ];
};

const field = <T extends string | number | boolean | readonly string[]>(
  name: string,
  { value, from, by }: Told<T>,
  unit?: ProbeField['unit'],
): ProbeField => ({
  field: name,
  value: value === undefined ? null : harmless(value),
  ...(unit === undefined ? {} : { unit }),
  ...{ from, by: oneLine(by, 200) },
});

/** Names come from servers (G9). */
const harmless = (value: string | number | boolean | readonly string[]): ProbeField['value'] => {
  if (typeof value === 'string') return oneLine(value, 100);
  return typeof value === 'object' ? value.map((one) => oneLine(one, 100)) : value;
};

/** Who has been told by the configuration what serves there has not looked. */
const flavourField = ({ flavours, software, models }: HostProbe): ProbeField =>
  field('flavour', {
    value: flavours.join(' before '),
    ...(flavours.includes('command')
      ? { from: 'configured', by: 'kind: command' }
      : { from: 'measured', by: software.by || models.by }),
  });

const residentFields = ({
  name,
  state,
  context,
  bytes,
  inGpu,
  kept,
}: ResidentModel): readonly ProbeField[] => {
  const own = (what: string): string => `${oneLine(name, 40)}: ${what}`;
  return [
    field(own('state'), measured<string>(state === 'present' ? 'listed' : state, context.by || bytes.by)),
    field(own('context'), context, 'tokens'),
    field(own('memory'), bytes, 'bytes'),
    field(own('in graphics memory'), inGpu, 'bytes'),
    ...(kept === undefined ? [] : [field(own('stays loaded'), measured(kept, bytes.by))]),
  ];
};

const idleOf = (running: Told<number>, waiting: Told<number>): Told<boolean> =>
  running.value === undefined
    ? unknown(running.by)
    : measured(running.value + (waiting.value ?? 0) === 0, running.by);
