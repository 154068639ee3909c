import type { BeadSpec, Caps } from './bead/bead.ts';
import type { ReviewSettings } from './bead/review.ts';
import type { Price } from './budget/money.ts';
import { nextClock, parseClock } from './clock.ts';
import type { RouteModel } from './fleet/route.ts';
import type { Usage } from './host/model.ts';
import type { Pace } from './pace.ts';
import type { Forecast } from './plan/forecast.ts';
import type { MayorSettings } from './plan/mayor.ts';

/** What a person launches: one or more epics over one or more rigs. The input of the workflow `convoy`. */
export interface ConvoyInput {
  readonly convoy: string;
  readonly title: string;
  /** sha256 of the plan as read; another plan under the same convoy name is refused. */
  readonly planHash: string;
  readonly epics: readonly EpicPlan[];
  /** What it will probably cost, by what the town has seen. */
  readonly forecast?: Forecast;
  readonly settings: ConvoySettings;
}

export interface EpicPlan {
  readonly id: string;
  readonly title: string;
  readonly rig: string;
  /** Epics of the same convoy that must have landed wholly before this one starts. */
  readonly needs: readonly string[];
  readonly beads: readonly BeadSpec[];
  /** What it may spend of the convoy's budget; undefined means as much as there is. */
  readonly budget?: Limits;
}

/** One rung of the ladder of models that a bead may climb: another one after `attempts` on this one. */
export interface ModelStep {
  readonly model: string;
  readonly callTimeoutMs: number;
  readonly price?: Price;
}

/** What beads do beside turns and gates. */
export interface Craft {
  /** Replies asked for at once, on idle slots, once a bead has proved hard. */
  readonly samples: number;
  /** Who gives a second opinion before a submit; nobody when left out. */
  readonly review?: ReviewSettings;
}

/** How beads start: as soon as their own needs have landed, or wave after wave. */
export type Pacing = 'ready' | 'waves';

/** What the configuration says at launch, pinned for the convoy's whole life. */
export interface ConvoySettings {
  readonly place: string;
  /** Model ladders by tier; `default` is used by beads without a tier. */
  readonly ladders: Readonly<Record<string, readonly ModelStep[]>>;
  readonly caps: Caps;
  /** Convoys of older towns have none. */
  readonly craft?: Craft;
  readonly maxParallel: number;
  readonly pacing: Pacing;
  readonly spawnDelayMs: number;
  /** Tokens this convoy may spend; undefined means no limit of its own. */
  readonly tokens: number | undefined;
  /** Whether the town's daily budget has to be asked. */
  readonly dailyBudget: boolean;
  /** Money this convoy may spend, in millionths; undefined means no limit of its own. */
  readonly money?: number;
  /** Whether the town's daily budget of money has to be asked. */
  readonly dailyMoney?: true;
  /** What money is counted in. */
  readonly currency?: string;
  /** How much more has to be spent before it is told upwards; undefined where no budget waits for it. */
  readonly tells?: Limits;
  /** Whether the `Gt…` search attributes are registered. */
  readonly searchAttributes: boolean;
  /** Whether a person wants to be told outside the town of what ends or needs them. */
  readonly announces?: boolean;
  /** When it is to finish what it does and park; undefined: when all is done. */
  readonly until?: Until;
  /** What to write behind `gt convoy launch` to launch it again. */
  readonly launchedWith?: string;
  /** Models that may begin a bead, by tier, where there is something to choose: the fleet is asked which is resident. */
  readonly routes?: Readonly<Record<string, readonly RouteModel[]>>;
  /** Whether the fleet plans for its beads: hosts have something to choose. */
  readonly fleet?: FleetSettingsOfConvoy;
  /** Who is asked for another plan when a bead is blocked; nobody when left out. */
  readonly mayor?: MayorSettings;
  readonly pace: Pace;
}

/** What an epic tells the fleet, and how often. */
export interface FleetSettingsOfConvoy {
  /** News of beads is gathered for so long, ms. */
  readonly gatherMs: number;
}

/** Tokens, and money in millionths; what is undefined has no limit. */
export interface Limits {
  readonly tokens?: number;
  readonly money?: number;
}

/** A time on a person's clock. */
export interface Until {
  /** Epoch ms. */
  readonly ms: number;
  /** `07:00`, in the time zone of the town. */
  readonly clock: string;
}

export interface ConvoyResult {
  readonly convoy: string;
  readonly landed: number;
  readonly blocked: number;
  readonly cancelled: number;
  readonly held: number;
  readonly usage: Usage;
  readonly ms: number;
}

/**
 * The time that is still to come when a convoy starts: whoever says 07:00 in the evening and approves the plan the next noon
 * means the next 07:00.
 */
export const untilStillToCome = (until: Until, zone: string, now: number): Until => {
  const wanted = parseClock(until.clock);
  return until.ms > now || wanted === undefined ? until : { ...until, ms: nextClock(wanted, zone, now) };
};

const furthest = 31 * 24 * 3_600_000;

/** Why a convoy cannot run until then; undefined when it can. Nothing said is no fault. */
export const untilFault = (until: Until | undefined, now: number): string | undefined => {
  if (until === undefined) return;
  const { ms, clock } = until;
  if (!Number.isSafeInteger(ms))
    return `The time must be a whole number of ms since 1970, not ${String(ms)}.`;
  if (typeof clock !== 'string' || !/^\d\d:\d\d$/.test(clock))
    return 'The time must come with its clock, such as 07:00.';
  if (ms <= now) return `${clock} (${new Date(ms).toISOString()}) is over already.`;
  return ms > now + furthest ? `${new Date(ms).toISOString()} is more than 31 days away.` : undefined;
};
