import { oneLine } from '../../workflows/domain/text.ts';
import type { ProposedGate, ProposedStep } from './tree.ts';

/** A host for gastown.yaml. */
export interface HostEntry {
  readonly name: string;
  readonly kind: 'ollama' | 'openai';
  readonly url: string;
  readonly slots: number | undefined;
  readonly apiKeyEnv: string | undefined;
  /** What it is, for the comment. */
  readonly software: string;
}

/** A model for gastown.yaml. */
export interface ModelEntry {
  readonly key: string;
  readonly name: string;
  readonly context: number;
  readonly maxTokens: number;
  readonly hosts: readonly string[];
  /** What is known of it, for the comment. */
  readonly about: string;
}

/** A rig for gastown.yaml. */
export interface RigEntry {
  readonly name: string;
  /** Relative to the file, or absolute; or a URL. */
  readonly source: { readonly path: string } | { readonly url: string };
  readonly branch: string;
  readonly land: string | undefined;
  readonly setup:
    | { readonly run: string; readonly caches: readonly string[]; readonly cacheKey: readonly string[] }
    | undefined;
  readonly gates: readonly Pick<ProposedGate, 'name' | 'run' | 'why'>[];
  readonly format?: ProposedStep | undefined;
  readonly nearest?: ProposedStep | undefined;
  /** Where `origin` is, for the comment. */
  readonly remote: string | undefined;
}

/** The lines of an entry below its key, without indentation. */
export const hostLines = (host: HostEntry): string[] => [
  `# ${comment(host.software)}`,
  `kind: ${host.kind}`,
  `url: ${scalar(host.url)}`,
  ...(host.slots === undefined || host.slots === 1 ? [] : [`slots: ${host.slots}`]),
  ...(host.apiKeyEnv === undefined ? [] : [`apiKeyEnv: ${host.apiKeyEnv}`]),
];

export const modelLines = (model: ModelEntry): string[] => [
  `# ${comment(model.about)}`,
  `name: ${scalar(model.name)}`,
  '# Tokens that one request may count on. A host that offers less is refused.',
  `context: ${model.context}`,
  `maxTokens: ${model.maxTokens}`,
  `hosts: [${model.hosts.join(', ')}]`,
];

export const rigLines = (rig: RigEntry): string[] => [
  ...('path' in rig.source ? [`path: ${scalar(rig.source.path)}`] : [`url: ${scalar(rig.source.url)}`]),
  ...('path' in rig.source && rig.remote !== undefined
    ? [`# Lands in that folder. To push to its remote instead: url: ${comment(rig.remote)}`]
    : []),
  `branch: ${scalar(rig.branch)}`,
  ...(rig.land === undefined ? [] : [`land: ${scalar(rig.land)}`]),
  ...(rig.setup === undefined
    ? []
    : [
        '# Makes the caches, once for each state of the files in cacheKey.',
        `setup: ${scalar(rig.setup.run)}`,
        `caches: [${rig.setup.caches.map(flowScalar).join(', ')}]`,
        `cacheKey: [${rig.setup.cacheKey.map(flowScalar).join(', ')}]`,
        '# setup downloads packages. Better a list of hosts, or false if it does not: gates have the same network.',
        'network: true',
      ]),
  '# All must exit 0 on the very tree that lands.',
  'gates:',
  ...rig.gates.flatMap((gate) => [
    `  # ${comment(gate.why)}`,
    `  - name: ${gate.name}`,
    `    run: ${scalar(gate.run)}`,
  ]),
  ...(rig.format === undefined
    ? []
    : [
        `# Formats what polecats write, before the gates. ${comment(rig.format.why)}`,
        `format: ${scalar(rig.format.run)}`,
      ]),
  ...(rig.nearest === undefined
    ? []
    : [
        `# Runs the tests nearest to a change, before the gates. ${comment(rig.nearest.why)}`,
        `nearest: ${scalar(rig.nearest.run)}`,
      ]),
];

/** One line of YAML that reads back as this text. */
export const scalar = (text: string): string =>
  /^[A-Za-z/.~][\w ./:@+~=-]*[\w/.]$|^[A-Za-z]$/.test(text) &&
  !/: |:$| #|^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text);

const flowScalar = (text: string): string => (/^[\w][\w./-]*$/.test(text) ? text : JSON.stringify(text));

/** What a server or a repository says of itself must stay in its comment. */
const comment = (text: string): string => oneLine(text, 100);
