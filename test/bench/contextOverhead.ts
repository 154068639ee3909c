import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createGateRunner } from '../../activities/gates/gateRunner.ts';
import { settleTree } from '../../activities/gates/tree.ts';
import { git, gitLine } from '../../activities/git/run.ts';
import { ensureWorktree } from '../../activities/git/worktree.ts';
import { homeAt } from '../../activities/home.ts';
import { createBlobs } from '../../activities/ledger/blobs.ts';
import { createRepositoryMaps } from '../../activities/map/index.ts';
import { createApplyReply } from '../../activities/polecat/apply.ts';
import { createComposePrompt } from '../../activities/polecat/prompt.ts';
import type { ModelSettings } from '../../workflows/domain/host/model.ts';
import { gitRef } from '../../workflows/domain/naming.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';

export interface Overhead {
  readonly files: number;
  readonly turns: number;
  readonly firstMs: number;
  readonly restartMs: number;
  /** Of a whole turn, outside of model and gates: the three below together. */
  readonly minMs: number;
  readonly medianMs: number;
  readonly maxMs: number;
  /** Medians: composing the prompt, applying the reply as a commit, and the town's work around a gate that does nothing. */
  readonly composeMs: number;
  readonly applyMs: number;
  readonly aroundGatesMs: number;
  /** CPU time of this process at the median, without the gits that it starts: it does not grow with the load of the machine. */
  readonly ownCpuMs: number;
  /** Of the last prompt, as estimated. */
  readonly tokens: number;
}

const model: ModelSettings = {
  ...{ key: 'm', name: 'm', context: 32_768, maxTokens: 8_192, temperature: 0, tier: 'default', hosts: [] },
  ...{ firstTokenMs: 1_000, idleMs: 1_000, callTimeoutMs: 1_000 },
};
const rig: RigSettings = {
  ...{
    name: 'rig',
    source: '/',
    branch: 'main',
    land: { mode: 'local' },
    setup: undefined,
    setupTimeoutMs: 1,
  },
  ...{
    caches: [],
    cacheKey: [],
    sparse: [],
    gates: [{ name: 'nothing', run: 'true', timeoutMs: 60_000 }],
    network: false,
    cloud: 'never',
    sandbox: 'off',
    maxWorkers: 1,
  },
};

/** Times the town's own work of a turn on a generated repository: the very activities, without Temporal, model and gates. */
export const measureOverhead = async ({
  files,
  turns,
}: {
  readonly files: number;
  readonly turns: number;
}): Promise<Overhead> => {
  const home = homeAt(await mkdtemp(join(tmpdir(), 'gt-overhead-')));
  try {
    const repo = home.repo('rig');
    const base = await generate(repo, files);
    const blobs = createBlobs(home.blobs);
    const deps = { home, blobs, models: new Map([['m', model]]), rigs: new Map([['rig', rig]]) };
    const taskRef = await blobs.put(
      'The order service must refuse an order whose total is negative. Change `validateOrder12` in src/area4/order12.ts, and its test.',
    );
    const ref = await blobs.put('not ok test/area4/order12.test.ts:3 expected refused, got accepted\n');
    const spec = {
      ...{ id: 'b', title: 'Refuse negative orders', taskRef, needs: [], files: ['src/area4/order12.ts'] },
      ...{ tier: undefined, gates: [], approvedFiles: [] },
    };
    const place = {
      bead: { convoy: 'c', epic: 'e', bead: 'b' },
      rig: 'rig',
      target: 'main',
      place: 'home',
    } as const;
    let compose = createComposePrompt(deps);
    let tokens = 0;
    const cpu: number[] = [];
    const timed = async (head: string, turn: number): Promise<number> => {
      const feedback = turn === 1 ? [] : [{ kind: 'gates', summary: 'red', ref } as const];
      const used = process.cpuUsage();
      const started = performance.now();
      const prompt = await compose({
        ...{ ...place, spec, model: 'm', base, head, conversation: 1, turn, feedback, noteRef: undefined },
      });
      const tookMs = performance.now() - started;
      const { user, system } = process.cpuUsage(used);
      if (turn > 1) cpu.push((user + system) / 1_000);
      tokens = prompt.estimatedTokens;
      return tookMs;
    };
    const firstMs = await timed(base, 1);
    // The first turn does not wait for all files; this does.
    await createRepositoryMaps(home).at({ rig: 'rig', commit: base });
    compose = createComposePrompt(deps);
    const restartMs = await timed(base, 1);
    const branch = gitRef.bead(place.bead);
    await git(['update-ref', branch, base], { cwd: repo });
    const dir = home.worktree('rig', place.bead);
    await ensureWorktree({ repo, path: dir, branch, caches: [], sparse: [] });
    const apply = createApplyReply(deps);
    const runner = createGateRunner({ home, blobs });
    const took = { compose: [] as number[], apply: [] as number[], gates: [] as number[] };
    let head = base;
    for (let turn = 2; turn < turns + 2; turn++) {
      took.compose.push(await timed(head, turn));
      const replyRef = await blobs.put(`src/area4/order12.ts\n\`\`\`ts\n${source(4, 12, turn)}\`\`\`\n`);
      let started = performance.now();
      const applied = await apply({
        ...{ ...place, spec, replyRef, head, base, polecat: 'nux', model: 'm', turn },
      });
      took.apply.push(performance.now() - started);
      if (applied.outcome !== 'applied')
        throw new Error(`the reply was not applied: ${JSON.stringify(applied)}`);
      ({ head } = applied);
      started = performance.now();
      const tree = { dir, repo, caches: [], sparse: [], signal: undefined };
      await settleTree(tree);
      const { gates } = await runner.runGates({ rig, dir, names: [] });
      took.gates.push(performance.now() - started - (gates[0]?.ms ?? 0));
    }
    const whole = took.compose.map((ms, at) => ms + (took.apply[at] ?? 0) + (took.gates[at] ?? 0));
    const sorted = whole.toSorted((a, b) => a - b);
    const cpuSorted = cpu.toSorted((a, b) => a - b);
    const round = (ms: number | undefined): number => Math.round((ms ?? 0) * 10) / 10;
    const median = (all: readonly number[]): number => round(all.toSorted((a, b) => a - b)[all.length >> 1]);
    return {
      ...{ files, turns, tokens, firstMs: round(firstMs), restartMs: round(restartMs) },
      ...{
        minMs: round(sorted[0]),
        medianMs: round(sorted[sorted.length >> 1]),
        maxMs: round(sorted.at(-1)),
        composeMs: median(took.compose),
        applyMs: median(took.apply),
        aroundGatesMs: median(took.gates),
        ownCpuMs: round(cpuSorted[cpuSorted.length >> 1]),
      },
    };
  } finally {
    await rm(home.root, { recursive: true, force: true });
  }
};

const subjects = ['order', 'invoice', 'customer', 'parcel', 'refund', 'tariff', 'ledger', 'voucher'];

/** Some 2 KB that imports two others and defines four names. */
const source = (area: number, at: number, salt = 0): string => {
  const subject = subjects[area % subjects.length] ?? '';
  const Subject = `${subject[0]?.toUpperCase()}${subject.slice(1)}`;
  const near = `./${subject}${at === 0 ? 1 : at - 1}.ts`;
  const far = `../area${(area + 1) % 40}/${subjects[(area + 1) % subjects.length]}${at}.ts`;
  return [
    `import { load${Subject}${at === 0 ? 1 : at - 1} } from '${near}';`,
    `import * as far from '${far}';`,
    `/** The ${subject} number ${at} of area ${area}, revision ${salt}. */`,
    `export interface ${Subject}${at} { readonly id: string; readonly total: number; readonly lines: readonly string[] }`,
    `export const load${Subject}${at} = async (id: string): Promise<${Subject}${at}> => ({ id, total: ${salt}, lines: [] });`,
    `export const validate${Subject}${at} = (one: ${Subject}${at}): boolean => one.total >= 0 && one.lines.length < ${at + 10};`,
    ...Array.from(
      { length: 12 },
      (_, line) =>
        `export const step${line}Of${Subject}${area}x${at} = (value: number): number => value * ${line} + load${Subject}${at === 0 ? 1 : at - 1}.length + Object.keys(far).length;`,
    ),
    '',
  ].join('\n');
};

/** A bare repository of so many files in 40 areas, tests beside sources, with a history of 200 commits; its tip. */
const generate = async (repo: string, files: number): Promise<string> => {
  await mkdir(repo, { recursive: true });
  await git(['init', '--quiet', '--bare', '--initial-branch=main'], { cwd: repo });
  const stream: string[] = [];
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const commit = (message: string): void => {
    stream.push(`commit refs/heads/main\ncommitter t <t@t> 1700000000 +0000\n${data(message)}`);
  };
  const file = (path: string, text: string): void => {
    stream.push(`M 100644 inline ${path}\n${data(text)}`);
  };
  const place = (index: number) => ({
    area: index % 40,
    at: Math.floor(index / 80),
    test: Math.floor(index / 40) % 2 === 1,
  });
  commit('Begin\n');
  for (let index = 0; index < files; index++) {
    const { area, at, test } = place(index);
    const subject = subjects[area % subjects.length];
    if (test)
      file(
        `test/area${area}/${subject}${at}.test.ts`,
        `import { test } from 'node:test';\nimport * as it from '../../src/area${area}/${subject}${at}.ts';\ntest('${subject} ${at} of area ${area}', () => void it);\n`,
      );
    else file(`src/area${area}/${subject}${at}.ts`, source(area, at));
  }
  for (let past = 0; past < 200; past++) {
    const { area, at } = place((past * 37) % files);
    const subject = subjects[area % subjects.length];
    commit(`Change ${subject} ${at} of area ${area}\n`);
    file(`src/area${area}/${subject}${at}.ts`, source(area, at, past + 1));
  }
  const child = promisify(execFile)('git', ['fast-import', '--quiet'], { cwd: repo });
  child.child.stdin?.end(stream.join(''));
  await child;
  return gitLine(['rev-parse', 'refs/heads/main'], { cwd: repo });
};
