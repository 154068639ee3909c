import { type Bar, type HostRow, type Layout, layOut, type Residency, size } from './layout.ts';
import { colourOf, styleSheet } from './palette.ts';
import type { Timeline, TimelineCall, TimelineHost } from './timeline.ts';
import { fitted, px, widthOf, xmlText } from './xml.ts';

/**
 * A timeline as an SVG picture: hosts as rows, models that were resident and swaps as bars, below them the calls, each in the lane of
 * its slot. Names come from plans and configurations, and stay text (G9). It holds no script and loads nothing.
 */
export const timelineSvg = (timeline: Timeline): string => {
  const models = modelsOf(timeline);
  const isAny = (fits: (call: TimelineCall) => boolean): boolean =>
    timeline.hosts.some(({ calls }) => calls.some(fits));
  const entries = legendOf(
    models,
    isAny(({ replied, other }) => !replied && !other),
  );
  const layout = layOut(timeline, (entries.at(-1)?.line ?? 0) + 1);
  const classOf = (model: string): string => colourOf(models.indexOf(model));
  const { width, height } = layout;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${px(height)}" width="${width}" height="${px(height)}" role="img">`,
    `<title>${xmlText(`Hosts of convoy ${timeline.convoy}`)}</title>`,
    `<style>${styleSheet()}</style>`,
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">',
    '<line x1="0" y1="0" x2="0" y2="6" class="hatch"/></pattern></defs>',
    `<rect class="page" width="${width}" height="${px(height)}"/>`,
    `<text class="title" x="24" y="30">${xmlText(`Convoy ${timeline.convoy}`, 80)}</text>`,
    `<text class="small quiet" x="24" y="50">${xmlText(summaryOf(timeline), 200)}</text>`,
    ...entries.map((entry) => legendEntry(entry, classOf)),
    ...axis(layout),
    ...layout.rows.flatMap((row) => hostRow(row, timeline, classOf)),
    `<text class="small quiet" x="24" y="${px(height - 12)}">${footText(timeline)}</text>`,
    '</svg>',
    '',
  ].join('\n');
};

/** In the order in which they were first there. */
const modelsOf = ({ hosts }: Timeline): readonly string[] => {
  const seen = hosts
    .flatMap(({ sessions, changes, calls }) => [
      ...sessions,
      ...changes,
      ...calls.filter(({ other }) => !other),
    ])
    .toSorted((a, b) => a.from - b.from);
  return [...new Set(seen.map(({ model }) => model))];
};

const summaryOf = ({ from, to, hosts }: Timeline): string => {
  const calls = hosts.flatMap((host) => host.calls.filter(({ other }) => !other));
  const count = hosts.reduce((sum, { swaps }) => sum + swaps.count, 0);
  const ms = hosts.reduce((sum, { swaps }) => sum + swaps.ms, 0);
  const swaps = `${count} ${count === 1 ? 'swap' : 'swaps'}${count === 0 ? '' : ` (${lengthText(ms)})`}`;
  const beads = new Set(calls.map(({ bead }) => bead)).size;
  return `${lengthText(to - from)}, ${calls.length} calls of ${beads} beads on ${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}, ${swaps}`;
};

const footText = ({ from }: Timeline): string =>
  `The time counts from ${new Date(from).toISOString().replace('T', ' ').slice(0, 19)} UTC.`;

interface LegendEntry {
  readonly text: string;
  readonly model: string | undefined;
  readonly mark: string;
  readonly x: number;
  readonly line: number;
}

const legendOf = (models: readonly string[], hasFailed: boolean): readonly LegendEntry[] => {
  const all = [
    ...models.map((model) => ({ text: fitted(model, 240, 11), model, mark: 'call' })),
    ...(hasFailed ? [{ text: 'no reply', model: models[0], mark: 'call failed' }] : []),
    { text: 'loading', model: undefined, mark: 'load other' },
    { text: 'other convoys, unloading', model: undefined, mark: 'other' },
  ];
  let x = 24;
  let line = 0;
  return all.map((entry) => {
    const wide = 34 + widthOf(entry.text, 11);
    if (x + wide > size.width - size.right && x > 24) {
      x = 24;
      line += 1;
    }
    const at = { ...entry, x, line };
    x += wide;
    return at;
  });
};

const legendEntry = (
  { text, model, mark, x, line }: LegendEntry,
  classOf: (model: string) => string,
): string => {
  const y = size.head + line * size.legendLine;
  const own = model === undefined ? mark : `${mark} ${classOf(model)}`;
  const box = `x="${px(x)}" y="${y}" width="14" height="12" rx="2"`;
  const hatch = mark.startsWith('load') ? `<rect ${box} fill="url(#hatch)"/>` : '';
  return `<rect class="${own}" ${box}/>${hatch}<text class="small" x="${px(x + 19)}" y="${y + 10}">${xmlText(text)}</text>`;
};

const axis = ({ ticks, axisY, endY }: Layout): string[] =>
  ticks.map(
    ({ x, ms }) =>
      `<line class="grid" x1="${px(x)}" y1="${px(axisY)}" x2="${px(x)}" y2="${px(endY)}"/>` +
      `<text class="small quiet" text-anchor="middle" x="${px(x)}" y="${px(axisY - 6)}">${lengthText(ms)}</text>`,
  );

const hostRow = (row: HostRow, timeline: Timeline, classOf: (model: string) => string): string[] => {
  const { host, y, lanes, lanesY } = row;
  const step = size.lane + size.gap;
  const plotWidth = size.width - size.left - size.right;
  return [
    `<text class="host" x="24" y="${px(y + 16)}">${xmlText(fitted(host.host, size.left - 24, 15))}</text>`,
    ...notesOf(host, timeline).map(
      (text, index) =>
        `<text class="small quiet" x="24" y="${px(y + 32 + index * 14)}">${xmlText(text)}</text>`,
    ),
    ...Array.from(
      { length: lanes },
      (_, lane) =>
        `<rect class="lane" x="${size.left}" y="${px(lanesY + lane * step)}" width="${plotWidth}" height="${size.lane}"/>`,
    ),
    ...row.residency.map((bar) => residencyBar(bar, classOf)),
    ...row.calls.map((bar) => callBar(bar, classOf)),
  ];
};

const notesOf = (host: TimelineHost, { from, to }: Timeline): readonly string[] => {
  const { slots, calls, swaps } = host;
  const known =
    slots === undefined
      ? []
      : [`${slots} ${slots === 1 ? 'slot' : 'slots'}, ${busyShare(host, to - from)} busy`];
  const swapped =
    swaps.count === 0
      ? []
      : [`${swaps.count} ${swaps.count === 1 ? 'swap' : 'swaps'}, ${lengthText(swaps.ms)}`];
  const made = calls.length === 0 ? ['no calls'] : [];
  return [...known, ...swapped, ...made];
};

const busyShare = ({ slots = 1, calls }: TimelineHost, length: number): string => {
  const busy = calls.reduce((sum, call) => sum + call.to - call.from, 0);
  return `${Math.min(100, Math.round((100 * busy) / Math.max(1, length * slots)))} %`;
};

const boxOf = ({ x, y, width, height }: Bar<unknown>): string =>
  `x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}"`;

const residencyBar = (bar: Bar<Residency>, classOf: (model: string) => string): string => {
  const { one, x, y, width, height } = bar;
  const took = lengthText(one.to - one.from);
  if (one.is === 'change') {
    const failed = one.failure === undefined ? '' : `, ${one.failure}`;
    const own = one.kind === 'load' ? `load ${classOf(one.model)}` : 'unload';
    const hatch = one.kind === 'load' ? `<rect fill="url(#hatch)" ${boxOf(bar)}/>` : '';
    return `<g><title>${xmlText(`${one.kind} ${one.model}, ${took}${failed}`)}</title><rect class="${own}" ${boxOf(bar)}/>${hatch}</g>`;
  }
  const share = one.to === one.from ? 1 : ((one.drainsFrom ?? one.to) - one.from) / (one.to - one.from);
  const open = width * Math.min(1, Math.max(0, share));
  const kind = classOf(one.model);
  const label = fitted(one.model, width, 11);
  return [
    `<g><title>${xmlText(`${one.model} resident, ${took}`)}</title>`,
    `<rect class="session ${kind}" x="${px(x)}" y="${px(y)}" width="${px(open)}" height="${px(height)}"/>`,
    open < width - 0.05
      ? `<rect class="drain ${kind}" x="${px(x + open)}" y="${px(y)}" width="${px(width - open)}" height="${px(height)}"/>`
      : '',
    label === '' ? '' : `<text class="label" x="${px(x + 5)}" y="${px(y + 16)}">${xmlText(label)}</text>`,
    '</g>',
  ].join('');
};

const callBar = (bar: Bar<TimelineCall>, classOf: (model: string) => string): string => {
  const { one, x, y, width } = bar;
  const kind = one.other ? 'other' : `call ${classOf(one.model)}${one.replied ? '' : ' failed'}`;
  const role = one.role === 'polecat' ? '' : `, ${one.role}`;
  const told = `${one.bead} turn ${one.turn}${role}, ${one.model}, ${lengthText(one.to - one.from)}, ${one.outcome}`;
  const label = one.other ? '' : fitted(one.bead.split('/').at(-1) ?? '', width, 9);
  const text =
    label === ''
      ? ''
      : `<text class="bead${one.replied ? '' : ' faint'}" x="${px(x + 3)}" y="${px(y + 9.6)}">${xmlText(label)}</text>`;
  return `<g><title>${xmlText(told)}</title><rect class="${kind}" ${boxOf(bar)}/>${text}</g>`;
};

/** `0 s`, `1.5 s`, `45 s`, `12 min`, `1 h 5 min` */
const lengthText = (ms: number): string => {
  if (ms < 10_000) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  if (minutes < 60) return rest === 0 || minutes >= 10 ? `${minutes} min` : `${minutes} min ${rest} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};
