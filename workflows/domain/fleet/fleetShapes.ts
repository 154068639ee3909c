/** The shape of what hosts and epics tell the fleet, and of what people ask of it. */
import { callRoles } from '../host/callRole.ts';
import { slug } from '../messageShapes.ts';
import { amount, count, listOf, moment, name, oneOf, optional, record, text } from '../shape.ts';

const models = listOf(slug, 100);
const call = { model: slug, bead: text, role: oneOf(...callRoles), since: moment };

const swap = record({
  at: moment,
  from: models,
  to: models,
  drainMs: amount,
  unloadMs: amount,
  loadMs: amount,
  failed: optional(oneOf(true)),
});

export const hostReportShape = record({
  host: slug,
  at: moment,
  open: models,
  since: moment,
  serves: optional(listOf(slug, 1_000)),
  refused: models,
  troubles: optional(
    listOf(record({ model: slug, what: text, tries: optional(count), nextAt: optional(moment) }), 100),
  ),
  running: listOf(record(call), 1_000),
  waiting: listOf(record({ model: slug, calls: count, since: moment }), 100),
  ended: listOf(record({ ...call, ms: amount, failed: optional(oneOf(true)) }), 1_000),
  swap: optional(record({ phase: oneOf('drain', 'unload', 'load'), to: models, since: moment })),
  swaps: listOf(swap, 100),
  away: optional(oneOf('quiet', 'left')),
  kept: optional(models),
  strangers: optional(listOf(text, 100)),
  sizes: optional(listOf(record({ model: slug, bytes: amount }), 100)),
  sentBack: count,
  fresh: optional(oneOf(true)),
});

const step = record({
  kind: oneOf('code', 'review'),
  model: slug,
  candidates: optional(models),
  estimateMs: optional(amount),
});

export const epicReportShape = record({
  epic: name,
  whole: optional(oneOf(true)),
  beads: listOf(
    record({
      bead: name,
      state: oneOf('coming', 'working'),
      since: moment,
      needs: listOf(name, 400),
      steps: listOf(step, 10),
    }),
    400,
  ),
  gone: listOf(name, 1_000),
});

export const steerShape = record({
  host: slug,
  to: oneOf('pin', 'unpin', 'drain', 'undrain', 'load'),
  models: optional(models),
});
