import { isIP } from 'node:net';
import * as z from 'zod';
import {
  choice,
  command,
  decimal,
  duration,
  line,
  listOf,
  mapOf,
  slug,
  whole,
  withForm,
} from '../input/forms.ts';
import { fleetSchema, tiersSchema } from './fleetSchema.ts';
import { defaultName } from './home.ts';
import { mayorSchema } from './mayorSchema.ts';
import { envName, hostSchema, modelSchema, money } from './modelSchema.ts';
import { patrolSchema } from './patrolSchema.ts';
import { rigSchema } from './rigSchema.ts';

const modelKey = () => withForm(slug(), 'the key of a model under models');

const town = z.strictObject({
  name: slug()
    .default(defaultName)
    .describe('Names the Temporal namespace (gastown-<name>) and, by default, the home.'),
  home: line(1_000, 'a path of a folder')
    .optional()
    .describe(
      'Folder of repositories, worktrees, blobs and transcripts. Relative to this file; ~ is your home. Default: $GASTOWN_HOME, else $XDG_STATE_HOME/gastown/<name> (~/.local/state/gastown/<name>).',
    ),
  timeZone: line(60, 'an IANA time zone such as Europe/Berlin or UTC')
    .refine((name) => isTimeZone(name), { error: 'is not a time zone that this machine knows' })
    .optional()
    .describe('Where the day of the budget begins and ends. Default: the time zone of this machine.'),
  budget: z
    .strictObject({
      tokensPerDay: whole(1_000, 1e12, 'tokens')
        .optional()
        .describe(
          'Most tokens that all convoys together may be granted in one calendar day. Default: unlimited.',
        ),
      moneyPerDay: money()
        .optional()
        .describe(
          'Most money that all convoys together may be granted in one calendar day, by the prices of models. Default: unlimited.',
        ),
      currency: withForm(z.string().regex(/^[A-Z]{3}$/), 'a currency of three letters such as EUR')
        .default('USD')
        .describe('What prices and amounts of money are written in. Nothing is converted.'),
    })
    .prefault({})
    .describe('What the whole town may spend.'),
});

const ladder = () =>
  withForm(
    z.union([modelKey(), listOf(modelKey(), 'models by key', 1)]),
    'the key of a model, or a list of keys: the next one takes over when the attempts on one are used up',
  );

/** Who gives a second opinion, as it is written. */
const reviewer = () =>
  withForm(
    z.union([
      modelKey(),
      z.strictObject({
        model: modelKey().describe('The model that reviews: best one of another tier than those that write.'),
        rounds: whole(1, 5, 'rounds').default(2).describe('Most times that it may send one bead back.'),
      }),
    ]),
    'the key of a model, or a map with model and rounds',
  );

const roles = z.strictObject({
  mayor: mayorSchema
    .optional()
    .describe(
      'Who turns an epic in prose into a plan: a model of your hosts, or one elsewhere (see rigs.*.cloud). Without one, write plans yourself.',
    ),
  polecat: withForm(
    z.union([
      modelKey(),
      listOf(modelKey(), 'models by key', 1),
      mapOf(ladder(), 'a model or a list of models'),
    ]),
    'the key of a model, a list of keys to climb, or a map from tier to one of these with a tier "default"',
  )
    .optional()
    .describe(
      'Who works on beads: a model, a ladder of models, or one of these for each tier. Default: the models of the tier, in the order of this file.',
    ),
  reviewer: reviewer()
    .optional()
    .describe(
      'Who reads a change whose gates are green, before it is submitted: it may send the work back with reasons, and approve nothing that gates refuse. Default: nobody.',
    ),
});

const notify = z.strictObject({
  command: command('a shell command line')
    .optional()
    .describe(
      'Run as you, outside the sandbox, with the report as Markdown on its standard input; GT_EVENT, GT_CONVOY and GT_SUMMARY say what it is about.',
    ),
  webhookEnv: envName()
    .optional()
    .describe('Name of the environment variable with a URL that gets the report as JSON by POST.'),
  on: listOf(choice(['ended', 'needsYou']), 'occasions', 1)
    .default(['ended', 'needsYou'])
    .describe('ended: a convoy has ended. needsYou: a bead is blocked or the merge queue has stopped.'),
  remindAfter: duration()
    .prefault('4h')
    .describe(
      'How long a letter of severity warning or critical may wait before you are told again; `gt escalations ack ID` ends it.',
    ),
  reminders: whole(0, 20, 'reminders')
    .default(3)
    .describe('Most reminders of one letter, each of which raises its severity; 0: none.'),
});

const limits = z.strictObject({
  maxParallel: whole(1, 1_000, 'beads').default(4).describe('Beads of one epic at work at once.'),
  pacing: choice(['ready', 'waves'])
    .default('ready')
    .describe(
      'ready: a bead starts when everything it needs has landed. waves: nothing of a wave starts before the earlier one is settled.',
    ),
  workerSpawnDelay: duration().prefault('0s').describe('Pause between the starts of two beads.'),
  tokensPerConvoy: whole(1_000, 1e12, 'tokens')
    .optional()
    .describe('Most tokens of one convoy: at least a quarter of what one bead may use. Default: unlimited.'),
  moneyPerConvoy: money()
    .optional()
    .describe('Most money of one convoy, by the prices of models. Default: unlimited.'),
  bead: z
    .strictObject({
      turns: whole(1, 1_000, 'turns').default(12).describe('Model calls of one bead.'),
      tokens: whole(1_000, 1e9, 'tokens')
        .default(400_000)
        .describe('Tokens of one bead, prompts and replies.'),
      time: duration()
        .prefault('2h')
        .describe('Time at work of one bead; parked and queued time does not count.'),
      attempts: whole(1, 100, 'attempts')
        .default(5)
        .describe('Red gate runs and submissions of one bead before it is blocked.'),
      samples: whole(1, 8, 'replies')
        .default(2)
        .describe(
          'Replies asked for at once when a bead has failed twice, on slots of the host that nobody else wants; the gates choose. 1: never more than one.',
        ),
      money: money()
        .optional()
        .describe(
          'Money of one bead, by the prices of models. Default: what its tokens may cost at most on its dearest model.',
        ),
    })
    .prefault({})
    .describe('Caps of one bead. They can be raised while it works.'),
  minFreeGiB: decimal(0, 100_000, 'GiB')
    .default(2)
    .describe('New beads wait while the disk of the town’s folder has less free space than this.'),
});

/** `gastown.yaml` as it is written. Values come out with defaults, and durations in ms. */
export const configSchema = withForm(
  z.strictObject({
    $schema: z.string().optional().describe('For editors: the JSON Schema of this file.'),
    town: town.prefault({}).describe('The town itself.'),
    hosts: mapOf(hostSchema, 'host').describe('Machines that serve models, by a name of yours.'),
    models: mapOf(modelSchema, 'model').describe('Models that the town may call, by a name of yours.'),
    roles: roles.prefault({}).describe('Which model does what.'),
    rigs: mapOf(rigSchema, 'rig').describe('Git repositories that the town works on, by a name of yours.'),
    limits: limits.prefault({}).describe('How much at once, and how much at all.'),
    fleet: fleetSchema.prefault({}).describe('Which model is resident on which host: how the fleet decides.'),
    tiers: tiersSchema
      .prefault({})
      .describe(
        'What you expect of tiers, by their name: quick, standard, deep, cloud, default, or one that models or roles.polecat name.',
      ),
    patrol: patrolSchema.prefault({}).describe('How the Witness looks after what is at work.'),
    notify: notify.prefault({}).describe('How to tell you that a convoy has ended or needs you.'),
    sandbox: choice(['required', 'off', 'sample'])
      .default('required')
      .describe(
        'required: gates and set-up run in a sandbox or not at all. off: without one, for repositories that you trust like your own shell. sample: for the rig that comes with the town; in a sandbox where there is one.',
      ),
    metrics: z
      .strictObject({
        port: whole(0, 65_534, 'a port')
          .default(9_464)
          .describe(
            'Port of the process that serves the rigs; the one that serves the hosts has the next. Where it is taken, by another town or a second process, the process goes on without. 0: none.',
          ),
        address: withForm(
          z.string().refine((text) => isIP(text) !== 0, { error: 'is no IP address' }),
          'an IP address of this machine',
        )
          .default('127.0.0.1')
          .describe('Where it listens. Whoever reaches it sees the names of rigs, gates, hosts and models.'),
      })
      .prefault({})
      .describe('Figures for Prometheus, under /metrics: see docs/metrics.md.'),
    temporal: z
      .strictObject({
        address: withForm(z.string().regex(/^[^\s/:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/), 'host:port')
          .optional()
          .describe(
            'A Temporal server of yours; TLS and keys come from TEMPORAL_* variables and the profile of the temporal CLI. Default: a server of the town’s own, even where TEMPORAL_ADDRESS is set.',
          ),
        namespace: withForm(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,99}$/), 'the name of a namespace')
          .optional()
          .describe('Default: gastown-<name>.'),
      })
      .prefault({})
      .describe('Where Temporal is.'),
  }),
  'a configuration: a map with hosts, models and rigs',
);

export type ConfigFile = z.output<typeof configSchema>;

/** JSON Schema (2020-12) of `gastown.yaml`, for editors. */
export const configJsonSchema = (): Record<string, unknown> => ({
  ...z.toJSONSchema(configSchema, { io: 'input' }),
  title: 'gastown.yaml: a town of coding agents',
});

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
};
