import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { metrics } from '../../activities/counts/metrics.ts';

const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Names under which Prometheus has what we export. */
const exported = new Set(
  Object.values(metrics).flatMap(({ kind, name }) =>
    kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
);
const base = (name: string): string => name.replace(/_(bucket|sum|count)$/, '');

/** Every query and variable of the dashboard. */
const queries = async (): Promise<readonly string[]> => {
  const found: string[] = [];
  JSON.parse(await read('deploy/grafana/gastown.json'), (key, value: unknown) => {
    if ((key === 'expr' || key === 'definition' || key === 'query') && typeof value === 'string')
      found.push(value);
    return value;
  });
  return found;
};

const namesIn = (text: string): readonly string[] => text.match(/\bgastown_[a-z_]+/g) ?? [];

test('the dashboard asks for nothing that the town does not export, and shows all that it does', async () => {
  const asked = new Set((await queries()).flatMap(namesIn));
  expect([...asked].filter((name) => !exported.has(name))).toEqual([]);
  const shown = new Set([...asked].map(base));
  expect(Object.values(metrics).filter(({ name }) => !shown.has(name))).toEqual([]);
});

test('the dashboard groups by labels that its metrics have', async () => {
  for (const query of await queries()) {
    const names = namesIn(query);
    const known = new Set<string>([
      'le',
      ...Object.values(metrics).flatMap(({ name, labels }) =>
        names.some((one) => base(one) === name || one === name) ? [...labels] : [],
      ),
    ]);
    const groups = [...query.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
    const filters = [...query.matchAll(/(\w+)=~?"/g)].map(([, label = '']) => label);
    expect(
      [...groups, ...filters].filter((label) => !known.has(label)),
      query,
    ).toEqual([]);
  }
});

test('panels of the dashboard have ids of their own, and no two lie on each other', async () => {
  const { panels } = JSON.parse(await read('deploy/grafana/gastown.json')) as {
    panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
  };
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
});

test('docs/metrics.md names every metric with its kind, its labels and its meaning, and no other', async () => {
  const page = await read('docs/metrics.md');
  for (const { name, kind, labels, help } of Object.values(metrics))
    expect(page).toContain(`| \`${name}\` | ${kind} | ${labels.join(', ')} | ${help} |`);
  const known = new Set<string>(Object.values(metrics).map(({ name }) => name));
  expect(namesIn(page).filter((name) => !known.has(name) && !exported.has(name))).toEqual([]);
});

test('names keep the conventions of Prometheus', () => {
  for (const { name, kind } of Object.values(metrics)) {
    expect(name).toMatch(/^gastown_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total')).toBe(kind === 'counter');
    if (kind === 'histogram') expect(name).toMatch(/_seconds$/);
  }
});
