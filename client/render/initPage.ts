import type { HostEntry, ModelEntry, RigEntry } from '../../deploy/init/entries.ts';
import { plain } from '../../workflows/domain/text.ts';
import { moment } from './amounts.ts';
import type { Terminal } from './terminal.ts';

interface NewTown {
  readonly file: string;
  readonly name: string;
  readonly home: string;
  readonly rig: RigEntry;
  readonly hosts: readonly HostEntry[];
  readonly models: readonly ModelEntry[];
  readonly answered: Readonly<Record<string, number>>;
}

/** What `gt init` has written, and what to do next. */
export const initPage = (
  { file, name, home, rig, hosts, models, answered }: NewTown,
  terminal: Terminal,
): readonly string[] =>
  [
    terminal.paint('bold', `Wrote ${file}`),
    `  town    ${name}, with its files in ${home}`,
    `  rig     ${rig.name}, branch ${rig.branch}${rig.setup === undefined ? '' : `, set up by: ${rig.setup.run}`}`,
    ...rig.gates.map((gate) => `  gate    ${gate.name}: ${gate.run}  (${gate.why})`),
    ...stepLines(rig),
    ...hosts.map((host) => `  host    ${host.name}: ${host.software} at ${host.url}`),
    ...models.map(
      (model) =>
        `  model   ${model.key}: ${model.name} on ${model.hosts.join(', ')}, ${model.context} tokens, ${tried(answered[model.key])}`,
    ),
    '',
    'Next:',
    '  gt doctor                         is all well? Are the gates green?',
    '  gt up --detach                    open the town',
    '  gt convoy launch EPIC.md --watch  an epic in prose, or a plan in YAML',
  ].map((line) => plain(line));

/** What runs before the gates. */
export const stepLines = ({ format, nearest }: Pick<RigEntry, 'format' | 'nearest'>): readonly string[] => [
  ...(format === undefined ? [] : [`  format  ${format.run}  (${format.why})`]),
  ...(nearest === undefined ? [] : [`  nearest ${nearest.run}  (${nearest.why})`]),
];

const tried = (ms: number | undefined): string =>
  ms === undefined ? 'not tried' : `one token in ${moment(ms)}`;
