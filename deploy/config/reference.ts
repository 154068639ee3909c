import type * as z from 'zod';
import { acceptedAt } from '../input/accepted.ts';
import type { Path } from '../input/yamlSource.ts';
import { configJsonSchema, configSchema } from './schema.ts';

/** A part of a JSON Schema, as far as the page needs it. */
interface Part {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Part>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Part | false;
  readonly items?: Part;
  readonly anyOf?: readonly Part[];
}

/** `docs/configuration.md`: every field of gastown.yaml, from the schema that checks the file. */
export const configurationPage = (example: string): string => {
  const schema = configJsonSchema() as Part;
  const sections = Object.entries(schema.properties ?? {}).filter(([name]) => name !== '$schema');
  return [
    '# Configuration: gastown.yaml',
    '',
    '<!-- Written by `npm run docs` from deploy/config/schema.ts. Change that, not this. -->',
    '',
    'A town is described by one file, `gastown.yaml`. `gt init` writes one for the repository that you stand in; `gt rig add`',
    'and `gt host add` add to it and keep your comments. `gt` takes the nearest one from the folder you are in upwards, or',
    'the one that `--config` or `GASTOWN_HOME` names. A change takes effect at the next `gt up`.',
    '',
    'A file with mistakes starts nothing: all of them are told at once, with line, column and what is accepted. Names of',
    'hosts, models, rigs and gates have a-z, 0-9 and -, at most 40 characters. Durations are written as `250ms`, `90s`,',
    '`5m` or `1h`. Secrets are never in the file: it names environment variables.',
    '',
    'Editors check the file while you type with',
    '`# yaml-language-server: $schema=<clone>/deploy/schema/gastown.schema.json` as its first line.',
    '',
    ...sections.flatMap(([name, part]) => section(name, part, schema.required?.includes(name) === true)),
    '## A whole file',
    '',
    'Fields that are commented out show their default.',
    '',
    '```yaml',
    ...example.trimEnd().split('\n'),
    '```',
    '',
  ].join('\n');
};

const section = (name: string, part: Part, required: boolean): string[] => {
  const rows = fieldsOf(part, [name], []);
  return [
    `## ${name}`,
    '',
    `${part.description ?? ''}${required ? ' Required.' : ''}`.trim(),
    '',
    ...(rows.length === 0
      ? [`Accepted: ${cell(accepted([name]))}. Default: ${defaultText(part)}.`]
      : ['| field | accepted | default | meaning |', '|---|---|---|---|', ...rows.map(row)]),
    '',
  ];
};

interface Field {
  /** As the page writes it, such as `rigs.<rig>.gates[].run`. */
  readonly shown: readonly string[];
  /** As the schema is asked. */
  readonly path: Path;
  readonly part: Part;
  readonly required: boolean;
}

/** The fields below a part that hold values; maps and lists of maps are gone into. */
const fieldsOf = (part: Part, path: Path, shown: readonly string[]): Field[] => {
  const inner = Object.entries(part.properties ?? {}).flatMap(([name, child]) => {
    const at = { path: [...path, name], shown: [...shown, name] };
    const below = fieldsOf(child, at.path, at.shown);
    const own = { ...at, part: child, required: part.required?.includes(name) === true };
    // A map of nothing but fields says nothing that its fields do not say.
    return below.length > 0 && child.properties !== undefined ? below : [own, ...below];
  });
  const each =
    typeof part.additionalProperties === 'object'
      ? fieldsOf(part.additionalProperties, [...path, 'a'], [...shown, `<${singular(path)}>`])
      : [];
  const items = part.items === undefined ? [] : fieldsOf(part.items, [...path, 0], listed(shown));
  return [
    ...inner,
    ...each,
    ...items,
    ...(part.anyOf ?? []).flatMap((option) => fieldsOf(option, path, shown)),
  ];
};

const row = ({ shown, path, part, required }: Field): string => {
  const fallback = required ? '**required**' : defaultText(part);
  return `| \`${shown.join('.')}\` | ${cell(accepted(path) + eachAccepted(part, path))} | ${fallback} | ${cell(part.description ?? '')} |`;
};

const accepted = (path: Path): string => acceptedAt(configSchema as z.core.$ZodType, path) ?? 'a text';

/** Of a list of plain values, what each is. */
const eachAccepted = ({ items }: Part, path: Path): string =>
  items === undefined || items.properties !== undefined ? '' : `; each ${accepted([...path, 0])}`;

const defaultText = (part: Part): string => {
  const { default: value } = part;
  if (value === undefined) return '–';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
};

/** `hosts` → `host`. */
const singular = (path: Path): string =>
  path.at(-1) === 'polecat' ? 'tier' : String(path.at(-1)).replace(/s$/, '');

const listed = (shown: readonly string[]): readonly string[] => [
  ...shown.slice(0, -1),
  `${shown.at(-1) ?? ''}[]`,
];

/** Text that stays text in a cell. */
const cell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*');
