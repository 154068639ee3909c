import type { Caps } from '../../workflows/domain/bead/bead.ts';
import type { Craft, ModelStep, Pacing } from '../../workflows/domain/convoy.ts';
import type { FleetSettings } from '../../workflows/domain/fleet/fleet.ts';
import type { RouteModel } from '../../workflows/domain/fleet/route.ts';
import type { HostSettings, ModelSettings } from '../../workflows/domain/host/model.ts';
import type { Reminding } from '../../workflows/domain/mail/reminder.ts';
import type { MayorSettings } from '../../workflows/domain/plan/mayor.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';

/** A town as its `gastown.yaml` describes it, checked, with every default filled in and every path absolute. */
export interface TownConfig {
  /** The file that this was read from. */
  readonly file: string;
  /** A slug. */
  readonly name: string;
  /** Absolute path of the town's folder. */
  readonly home: string;
  /** IANA name: where the calendar day of the budget begins. */
  readonly timeZone: string;
  /** Undefined means unlimited. */
  readonly tokensPerDay: number | undefined;
  /** In millionths; undefined means unlimited. */
  readonly moneyPerDay?: number | undefined;
  /** What prices and amounts of money are in. */
  readonly currency: string;
  readonly hosts: readonly HostSettings[];
  readonly models: readonly ModelSettings[];
  /** Model ladders of polecats by tier; always has `default`. */
  readonly ladders: Readonly<Record<string, readonly ModelStep[]>>;
  /** Models that may begin a bead, by tier, where there is something to choose. */
  readonly routes?: Readonly<Record<string, readonly RouteModel[]>>;
  /** Whether a bead without a tier gets one by its size: nobody has said who works on such beads. */
  readonly infersTiers?: true;
  /** What beads do beside turns and gates. */
  readonly craft: Craft;
  /** How the fleet decides; undefined where it is told not to. */
  readonly fleet?: FleetSettings;
  /** How soon calls of a tier should be answered, ms, by tier. */
  readonly targets?: Readonly<Record<string, number>>;
  /** Who plans; undefined when nobody does. */
  readonly mayor: MayorSettings | undefined;
  readonly notify: NotifySettings;
  readonly rigs: readonly RigSettings[];
  readonly limits: TownLimits;
  readonly patrol?: PatrolSettings;
  readonly temporal: TemporalTarget;
  /** Where the town's processes tell their figures; undefined when they do not. */
  readonly metrics?: MetricsSettings | undefined;
  /** What a person should know although the town runs with it, one line each. */
  readonly warnings: readonly string[];
}

export interface TownLimits {
  /** Beads at work at once, in one epic. */
  readonly maxParallel: number;
  readonly pacing: Pacing;
  readonly spawnDelayMs: number;
  /** Tokens that one convoy may spend; undefined means unlimited. */
  readonly tokensPerConvoy: number | undefined;
  /** Money that one convoy may spend, in millionths; undefined means unlimited. */
  readonly moneyPerConvoy?: number | undefined;
  /** Caps of one bead. */
  readonly caps: Caps;
  /** New beads wait while the disk of the home has less free. */
  readonly minFreeBytes: number;
}

/** How the Witness patrols, ms. */
export interface PatrolSettings {
  readonly everyMs: number;
  /** Silence of so long is not normal. */
  readonly silentAfterMs: number;
  /** What is younger, or lost its owner more recently, is not cleared yet. */
  readonly leaveAloneMs: number;
}

export const defaultPatrol: PatrolSettings = {
  everyMs: 10 * 60_000,
  silentAfterMs: 30 * 60_000,
  leaveAloneMs: 10 * 60_000,
};

/** How a person is told. */
export interface NotifySettings {
  /** A shell command line of the person's own. */
  readonly command?: string | undefined;
  /** Name of the environment variable that holds a URL. */
  readonly webhookEnv?: string | undefined;
  readonly on: readonly ('ended' | 'needsYou')[];
  /** How long a letter that presses waits for a reminder, ms; and how many there are at most. */
  readonly remindAfter: number;
  readonly reminders: number;
}

/** An address of this machine for Prometheus. */
export interface MetricsSettings {
  readonly address: string;
  /** Of the process that serves the rigs; the one that serves the hosts has the next. */
  readonly port: number;
}

export interface TemporalTarget {
  /** `host:port`; undefined means a server of the town's own, or what Temporal's environment and TOML say. */
  readonly address: string | undefined;
  /** `gastown-<name>` unless the file says otherwise. */
  readonly namespace: string;
}

/** Whether the configuration says how a person is told of anything outside the town. */
export const tellsPerson = ({ notify }: Pick<TownConfig, 'notify'>): boolean =>
  notify.command !== undefined || notify.webhookEnv !== undefined;

/** What the workflow `town` is told of its configuration. */
export const townSettings = (
  config: TownConfig,
): Pick<TownConfig, 'timeZone' | 'tokensPerDay' | 'currency'> & {
  readonly moneyPerDay?: number;
  readonly notify?: NotifySettings['on'];
  readonly remind?: Reminding;
} => ({
  timeZone: config.timeZone,
  tokensPerDay: config.tokensPerDay,
  ...(config.moneyPerDay === undefined ? {} : { moneyPerDay: config.moneyPerDay }),
  currency: config.currency,
  remind: { afterMs: config.notify.remindAfter, times: config.notify.reminders },
  ...(tellsPerson(config) ? { notify: config.notify.on } : {}),
});
