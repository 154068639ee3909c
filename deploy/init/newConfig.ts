import {
  type HostEntry,
  hostLines,
  type ModelEntry,
  modelLines,
  type RigEntry,
  rigLines,
  scalar,
} from './entries.ts';

/** All that `gt init` has found out and a person has agreed to. */
export interface NewTown {
  readonly name: string;
  readonly hosts: readonly HostEntry[];
  readonly models: readonly ModelEntry[];
  /** Other models that the hosts have, a line each. */
  readonly otherModels: readonly string[];
  readonly rig: RigEntry;
}

/** A commented gastown.yaml. */
export const newConfigText = (town: NewTown): string => {
  // A planner reads an outline of the whole repository.
  const [planner] = town.models.toSorted((a, b) => b.context - a.context);
  const blocks = [
    [
      '# gastown.yaml: one town of coding agents, written by `gt init`. It is yours to change.',
      '# Every field: docs/configuration.md in the clone of Gas Town. After a change: gt down, gt up.',
      '# Durations are written as 250ms, 90s, 5m or 1h. Fields that are commented out show their default or an example.',
    ],
    [
      'town:',
      '  # Names the Temporal namespace (gastown-<name>) and the home, ~/.local/state/gastown/<name>.',
      `  name: ${scalar(town.name)}`,
      '  # budget:',
      '  #   tokensPerDay: 20000000',
    ],
    [
      '# Machines that serve models. Another one: gt host add NAME URL. Are they well? gt host check',
      'hosts:',
      ...town.hosts.flatMap((host) => entry(host.name, hostLines(host))),
      '    # Times of the day that the machine belongs to its people: no new call begins.',
      '    # quiet: [08:00-18:00]',
    ],
    [
      'models:',
      ...town.models.flatMap((model) => entry(model.key, modelLines(model))),
      ...(town.otherModels.length === 0 ? [] : ['  # The hosts have these, too:']),
      ...town.otherModels.map((line) => `  # ${line}`),
    ],
    [
      'roles:',
      '  # Who turns an epic in prose into a plan.',
      ...(planner === undefined ? [] : [`  mayor: ${planner.key}`]),
      '  # A strong model elsewhere plans better. It sees only what `cloud` of a rig below allows.',
      '  # mayor:',
      '  #   provider: gemini        # or openai, with baseUrl',
      '  #   model: gemini-3.1-pro-preview',
      '  #   apiVersion: v1beta      # preview models need it',
      '  #   apiKeyEnv: GEMINI_API_KEY',
      '  # Who works on beads (tasks). Default: the models above in their order; the next one takes over when attempts are used up.',
      ...(planner === undefined ? [] : [`  # polecat: [${town.models.map(({ key }) => key).join(', ')}]`]),
    ],
    [
      '# Git repositories that the town works on. Another one: gt rig add PATH',
      'rigs:',
      ...entry(town.rig.name, [
        ...rigLines(town.rig),
        '# What may leave your machines for a model elsewhere. never, plan: an outline for planning, all: whole files too.',
        '# cloud: never',
      ]),
    ],
    [
      '# limits:',
      '#   maxParallel: 4            # beads of one epic at work at once',
      '#   tokensPerConvoy: 5000000  # default: unlimited',
      '#   bead: {turns: 12, tokens: 400000, time: 2h, attempts: 5}',
    ],
    [
      '# How to tell you that a convoy has ended or needs you: the report comes on standard input.',
      '# notify:',
      '#   command: mail -s "$GT_SUMMARY" me@example.com',
    ],
    [
      '# Gates run in a sandbox or not at all. off: only for repositories that you trust like your own shell.',
      'sandbox: required',
    ],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
};

const entry = (name: string, lines: readonly string[]): string[] => [
  `  ${scalar(name)}:`,
  ...lines.map((line) => `    ${line}`),
];
