/**
 * `npm run bench:context -- [--repo PATH…] [--commits 100] [--at COMMIT] [--json]`: how well the map of a repository points at
 * the files that a task needs. For each of the last commits (no merges, at most --commits) of each repository: its message is
 * the task, its parent the repository, and the files that it really changed are what a map should show. Recall is the share of
 * those that stand in the map, meant over the commits. Files that a commit adds do not count (no map can know them), nor do
 * commits without any other.
 *
 * In the same run and room, 2,000, 4,000 and 8,000 tokens: the production code's map (paths and what the files define); a plain
 * listing, paths in git's order; a text search, which lists all files by how many of the task's words are in them, rare words
 * first, with case and endings ignored. The two list nothing but paths, so that more files fit into their room.
 * The default is this project itself at the commit below. Exits with 1 when the map does not beat both everywhere.
 *
 * `npm run bench:context -- --overhead [--files 3000] [--turns 30] [--json]`: what a turn costs outside of model, gates and the 8
 * dispatches of its 4 activities: composing the prompt, applying the reply, and reading and restoring the tree around the gates, on
 * a generated repository whose branch moves from turn to turn. The first may take seconds, since it reads the likeliest files of
 * the repository (the others are read while the model works); the median of the later ones has a floor of 150 ms.
 */

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureOverhead } from './contextOverhead.ts';
import { measureRecall, type Recall, sizes } from './contextRecall.ts';

const { values } = parseArgs({
  options: {
    repo: { type: 'string', multiple: true },
    commits: { type: 'string', default: '100' },
    at: { type: 'string' },
    overhead: { type: 'boolean', default: false },
    files: { type: 'string', default: '3000' },
    turns: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
});
/** Of this project, when nothing else is named: a moving target cannot be compared with. */
const ownCommit = '6cbcf413b32a6681bf3f806fd233b5976ef8565f';
const overheadFloorMs = 150;

if (values.overhead) {
  const report = await measureOverhead({ files: Number(values.files), turns: Number(values.turns) });
  const good = report.medianMs < overheadFloorMs;
  if (values.json) console.log(JSON.stringify({ ...report, floorMs: overheadFloorMs, good }));
  else {
    console.log(
      `a turn on ${report.files} files: ${report.medianMs} ms at the median of ${report.turns} turns, outside of model and gates`,
    );
    console.log(
      `(prompt ${report.composeMs} ms, reply ${report.applyMs} ms, around the gates ${report.aroundGatesMs} ms)`,
    );
    console.log(
      `(${report.minMs} to ${report.maxMs} ms; of it ${report.ownCpuMs} ms CPU of its own for the prompt; the first prompt of all: ${report.firstMs} ms;`,
    );
    console.log(` after a restart of the worker: ${report.restartMs} ms; prompt of ${report.tokens} tokens)`);
    console.log(good ? 'Below the floor.' : `NOT below the floor of ${overheadFloorMs} ms.`);
  }
  process.exitCode = good ? 0 : 1;
} else {
  const repos = values.repo ?? [fileURLToPath(new URL('../..', import.meta.url))];
  const at = values.at ?? (values.repo === undefined ? ownCommit : 'HEAD');
  const reports: Recall[] = [];
  for (const path of repos) {
    const report = await measureRecall({ path, at, commits: Number(values.commits) });
    reports.push(report);
    if (!values.json) console.log(tableOf(report));
  }
  const good = reports.every(({ ways: { map, listing, search } }) =>
    sizes.every((size) => map[size] >= listing[size] && map[size] >= search[size]),
  );
  if (values.json) console.log(JSON.stringify({ repositories: reports, good }));
  else console.log(good ? 'The map beats both.' : 'The map does NOT beat both everywhere.');
  process.exitCode = good ? 0 : 1;
}

function tableOf({ path, at, commits, files, changed, ways }: Recall): string {
  const row = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(14)}${cells.map((cell) => cell.padStart(10)).join('')}`;
  const names = { map: 'map', listing: 'plain listing', search: 'text search' } as const;
  return [
    `${path} at ${at.slice(0, 12)}: ${commits} commits, ${files} files, ${changed} changed files to find`,
    row(
      'recall',
      sizes.map((size) => `${size} tok.`),
    ),
    ...(['map', 'listing', 'search'] as const).map((way) =>
      row(
        names[way],
        sizes.map((size) => ways[way][size].toFixed(3)),
      ),
    ),
  ].join('\n');
}
