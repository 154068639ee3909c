import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { stringify } from 'yaml';
import { stopSignals } from '../../../deploy/town/stopSignals.ts';
import type { BeadBlocked, BeadLanded } from '../../../workflows/domain/bead/bead.ts';
import { workflowId } from '../../../workflows/domain/naming.ts';
import type { Reply } from '../../support/model/reply.ts';
import { startModelHost } from '../../support/modelHost.ts';
import { type TempRepo, tempRepo } from '../../support/repo.ts';
import { openBenchTown } from '../benchTown.ts';
import type { BenchBead } from './beadFile.ts';
import type { Said, Speaker } from './speaker.ts';
import { startOf, type Tree } from './tree.ts';

/** How one bead ended in the town. */
export interface Ended {
  readonly bead: BenchBead;
  readonly closed: boolean;
  readonly tree: Tree;
  readonly turns: number;
  readonly tokens: number;
  /** What the model said, turn by turn. */
  readonly said: readonly Said['kind'][];
  /** Why it is blocked. */
  readonly why: string | undefined;
}

export interface TownRun {
  readonly ended: readonly Ended[];
  readonly seconds: number;
  /** Turns that a bead may take here. */
  readonly turns: number;
}

const convoy = 'bench';
const context = 32_768;

/**
 * Works on all beads in one real town, each in a rig of its own: real Temporal, git, sandbox, gates and HTTP; only what the
 * model says is scripted. The town's own defaults hold, for turns and attempts too.
 */
export const runTown = async (
  beads: readonly BenchBead[],
  speaker: Speaker,
  { keep = false }: { readonly keep?: boolean } = {},
): Promise<TownRun> => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'gastown-polecat-'));
  stack.defer(() => (keep ? Promise.resolve() : rm(folder, { recursive: true, force: true, maxRetries: 3 })));
  if (keep) console.error(`kept: ${folder}`);
  const repos = new Map<string, TempRepo>();
  for (const bead of beads)
    repos.set(bead.id, stack.use(await tempRepo({ bare: true, files: startOf(bead) })));
  const script = scriptOf(beads, speaker);
  const host = stack.use(
    await startModelHost({
      kind: 'openai',
      slots: 32,
      models: { scripted: { context } },
      reply: ({ messages }) => script.reply(messages.map(({ content }) => content)),
    }),
  );
  await writeFile(join(folder, 'gastown.yaml'), stringify(configOf(folder, host.url, beads, repos)));
  await writeFile(join(folder, 'plan.yaml'), stringify(planOf(beads)));

  using signals = stopSignals();
  const { town, config, launch } = await openBenchTown(folder, signals);
  stack.defer(() => town.stop());
  const began = performance.now();
  const launched = await launch();
  await withinMinutes(launched.handle.result(), 30);
  const seconds = (performance.now() - began) / 1_000;
  const ended: Ended[] = [];
  for (const bead of beads) {
    const end = await endOf(town.client, bead.id);
    const { usage, turns } = end.spent;
    ended.push({
      bead,
      closed: end.state === 'landed',
      tree: await treeOf(repos.get(bead.id)),
      turns,
      tokens: usage.promptTokens + usage.completionTokens,
      said: script.said(bead.id),
      why: end.state === 'blocked' ? `${end.failure.type}: ${end.failure.what}` : undefined,
    });
  }
  return { ended, seconds, turns: config.limits.caps.turns };
};

/** A town that has stopped must not keep the bench for ever. */
const withinMinutes = async (work: Promise<unknown>, minutes: number): Promise<void> => {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`the convoy did not end within ${minutes} minutes; look again with --keep`)),
    minutes * 60_000,
  );
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
};

/** The model behind the host: it counts the turns of each bead, which it knows by the title in the prompt. */
const scriptOf = (beads: readonly BenchBead[], speaker: Speaker) => {
  const history = new Map<string, Said[]>();
  // The longest first: one title may be a part of another.
  const byTitle = beads.toSorted((a, b) => b.title.length - a.title.length);
  return {
    said: (bead: string) => (history.get(bead) ?? []).map(({ kind }) => kind),
    reply: (messages: readonly string[]): Reply => {
      const prompt = messages.join('\n');
      const bead = byTitle.find(({ title }) => prompt.includes(title));
      if (bead === undefined) return 'ok';
      const before = history.get(bead.id) ?? [];
      const said = speaker.say(bead, before.length + 1, messages.at(-1) ?? '', before.at(-1));
      history.set(bead.id, [...before, said]);
      return said.finish === 'endless'
        ? { fault: 'endless', word: said.text }
        : { text: said.text, finish: said.finish };
    },
  };
};

const configOf = (
  folder: string,
  url: string,
  beads: readonly BenchBead[],
  repos: ReadonlyMap<string, TempRepo>,
): object => ({
  town: { name: 'polecats', home: join(folder, 'home'), timeZone: 'UTC' },
  hosts: { host: { kind: 'openai', url, slots: 16 } },
  models: { scripted: { name: 'scripted', context, hosts: ['host'] } },
  rigs: Object.fromEntries(
    beads.map(({ id, gate }) => [
      id,
      { path: repos.get(id)?.path, gates: [{ name: 'check', run: sinceStart(gate) }] },
    ]),
  ),
});

/**
 * A queue lands nothing on a red base, and the tests of a bead are red at its start: the one commit that the bench itself made
 * is not held to them, every later one is.
 */
const sinceStart = (gate: string): string => `[ "$(git rev-list --count HEAD)" = 1 ] || {\n${gate.trim()}\n}`;

const planOf = (beads: readonly BenchBead[]): object => ({
  convoy,
  title: 'The polecat bench',
  epics: beads.map(({ id, title, task, files }) => ({
    id,
    rig: id,
    beads: [{ id, title, task, files }],
  })),
});

const endOf = async (client: Client, id: string): Promise<BeadLanded | BeadBlocked> => {
  try {
    const ref = { convoy, epic: id, bead: id };
    return (await client.workflow.getHandle(workflowId.bead(ref)).result()) as BeadLanded;
  } catch (error) {
    const cause = (error as { cause?: unknown }).cause;
    if (cause instanceof ApplicationFailure && cause.details?.[0] !== undefined)
      return cause.details[0] as BeadBlocked;
    throw error;
  }
};

const treeOf = async (repo: TempRepo | undefined): Promise<Tree> => {
  if (repo === undefined) return {};
  const names = (await repo.git('ls-tree', '-r', '-z', '--name-only', 'main')).split('\0').filter(Boolean);
  const texts = await Promise.all(names.map((name) => repo.show('main', name)));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']));
};
