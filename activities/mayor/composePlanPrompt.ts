import type { Note } from '../../workflows/domain/mail/message.ts';
import type { MayorSettings } from '../../workflows/domain/plan/mayor.ts';
import { cloudForbidden, mayShow, type Shown } from '../../workflows/domain/plan/planning.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import type { ComposedPlanPrompt, ComposePlanPrompt } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import { createRepositoryMaps, type RepositoryMap } from '../map/index.ts';
import { estimateTokens } from '../models/tokens.ts';
import type { PromptBlob } from '../polecat/prompt.ts';
import { mentionedPaths, showFiles } from '../polecat/promptFiles.ts';
import { fillTemplate, loadTemplate, templateHash } from '../polecat/template.ts';
import { inFence, masked } from '../polecat/untrusted.ts';
import type { Rig } from '../rig/index.ts';
import type { MayorDeps } from './deps.ts';
import { maySecrete, promptPath } from './promptPath.ts';
import { readTip } from './readTip.ts';

/** Share of a context that prompts fill: our count of tokens is an estimate. */
const fillLevel = 0.75;
/** Most tokens of a prompt for a mayor elsewhere: more costs much and tells little. */
const cloudPromptTokens = 60_000;
/** Shares of what the epic leaves free. */
const shares = { notes: 0.15, tree: 0.3, outline: 0.35 } as const;
const mostTreeTokens = 12_000;
const mostWhole = 12;
const mostOutlined = 600;
/** Notes by which people, and agents, are told how a repository works. */
const notes = /^(readme|contributing|agents|claude|architecture|notes)(\.(md|markdown|txt|rst))?$/i;

/**
 * Writes the mayor's prompt: the rig's gates by name, its paths, the names that files give to others, notes and files in
 * full where that is allowed, and the epic. Refuses before it reads when nothing of the rig may leave.
 */
export const createComposePlanPrompt = (deps: MayorDeps, rigOf: (name: string) => Rig) => {
  const maps = createRepositoryMaps(deps.home);
  return async (request: ComposePlanPrompt): Promise<ComposedPlanPrompt> => {
    const rig = rigOf(request.rig);
    const { mayor } = request;
    const what = mayShow(mayor, rig.settings.cloud);
    if (what === undefined) throw forbidden(rig.settings.name, mayor);
    const room = roomOf(deps, mayor);
    const epic = await deps.blobs.get(request.epicRef);
    const commit = await readTip(rig);
    const { name, sparse } = rig.settings;
    const map = rankedMap(await maps.at({ rig: name, commit, sparse }), `${request.title}\n${epic}`);
    const system = loadTemplate('system.md', import.meta.url);
    const user = loadTemplate('epic.md', import.meta.url);
    const values = {
      rig: rig.settings.name,
      title: masked(oneLine(request.title, 200)),
      epic: inFence(masked(plainLines(epic).trim()), ''),
      words: wordsText(request.notes ?? []),
      gates: gatesText(rig.settings, what),
      tiers: tiersText(deps.tiers),
    };
    const systemText = fillTemplate(system, {});
    const write = (parts: Parts): string =>
      fillTemplate(user, {
        ...values,
        notes: parts.notes,
        tree: parts.tree,
        outline: parts.outline,
        files: parts.files,
      });
    const bare = estimateTokens(systemText.length + write(nothing).length);
    const free = room.prompt - bare;
    if (free < 0) throw tooLong(request, room.prompt, bare, epic);

    const noted = what === 'files' ? await notesOf(rig, commit, map, free * shares.notes) : empty;
    const tree = treeOf(map, Math.min(mostTreeTokens, free * shares.tree));
    const outline = outlineOf(map, free * shares.outline);
    const left =
      free - [noted.text, tree, outline.text].reduce((sum, text) => sum + estimateTokens(text.length), 0);
    const whole = what === 'files' ? await wholeOf(rig, commit, map, epic, left) : empty;
    const prompt: PromptBlob = {
      version: 1,
      template: templateHash([system, user]),
      messages: [
        { role: 'system', content: systemText },
        {
          role: 'user',
          content: write({ notes: noted.text, tree, outline: outline.text, files: whole.text }),
        },
      ],
    };
    const chars = prompt.messages.reduce((sum, { content }) => sum + content.length, 0);
    const shown: Shown = {
      commit,
      what,
      paths: map.paths.length,
      outlined: outline.files,
      whole: [...noted.paths, ...whole.paths],
    };
    return {
      promptRef: await deps.blobs.put(JSON.stringify(prompt)),
      estimatedTokens: estimateTokens(chars),
      shown,
      replyTokens: room.reply,
    };
  };
};

/** Paths in git's order, and files by what they matter for the epic. */
interface RankedMap {
  readonly paths: readonly string[];
  readonly ranked: RepositoryMap['files'];
}

const rankedMap = (map: RepositoryMap, text: string): RankedMap => ({
  paths: map.files.map(({ path }) => path),
  ranked: map.ranked({ text }),
});

/** The rig's configuration now, not the one at launch: a person may have closed it meanwhile. */
export const forbidden = (rig: string, mayor: MayorSettings): Error => {
  const { what, evidence, next } = cloudForbidden(rig, mayor);
  return fail('CloudForbidden', { what, evidence, next });
};

interface Parts {
  readonly notes: string;
  readonly tree: string;
  readonly outline: string;
  readonly files: string;
}

const nothing: Parts = { notes: '', tree: '', outline: '', files: '' };
const empty = { text: '', paths: [] as readonly string[] };

const roomOf = ({ models }: MayorDeps, mayor: MayorSettings): { prompt: number; reply: number } => {
  if (mayor.kind === 'cloud') return { prompt: cloudPromptTokens, reply: mayor.maxTokens };
  const model = models.get(mayor.model);
  if (model === undefined) {
    throw fail('ModelUnavailable', {
      what: `The mayor's model ${mayor.model} is not configured.`,
      next: `Set roles.mayor in gastown.yaml to one of: ${[...models.keys()].join(', ')}.`,
    });
  }
  return { prompt: Math.floor(fillLevel * (model.context - model.maxTokens)), reply: model.maxTokens };
};

/** By name; commands are text of the repository's and stay where only an outline may leave. */
const gatesText = ({ gates }: RigSettings, what: Shown['what']): string =>
  gates
    .map(({ name, run }) =>
      what === 'files' ? `${name} (\`${masked(oneLine(run, 120)).replaceAll('`', "'")}\`)` : name,
    )
    .join(', ');

const tiersText = (tiers: readonly string[]): string =>
  tiers.length < 2
    ? ''
    : `\nA bead may have a "tier", the kind of model that works on it: ${tiers.join(', ')}. Leave it out unless a bead is much harder or easier than the rest.`;

/** What people have sent to the mayor since it planned last. */
const wordsText = (notes: readonly Note[]): string =>
  notes.length === 0
    ? ''
    : `\n# What you have been told\n\nKeep to this where it concerns the epic. The newest is last.\n\n${notes
        .map(
          ({ from, text }) => `From ${masked(oneLine(from, 100))}:\n${inFence(masked(plainLines(text)), '')}`,
        )
        .join('\n\n')}\n`;

const section = (title: string, text: string): string => (text === '' ? '' : `\n# ${title}\n\n${text}\n`);

/** As many lines as fit, and how many there are more. */
const fitting = (lines: readonly string[], tokens: number): { kept: readonly string[]; more: number } => {
  const kept: string[] = [];
  let chars = 160;
  for (const line of lines) {
    chars += line.length + 1;
    if (estimateTokens(chars) > tokens) break;
    kept.push(line);
  }
  return { kept, more: lines.length - kept.length };
};

/** In git's order when all fit, else those that the epic speaks of first. */
const treeOf = ({ paths, ranked }: RankedMap, tokens: number): string => {
  const all = fitting(paths.map(promptPath), tokens);
  const { kept, more } =
    all.more === 0
      ? all
      : fitting(
          ranked.map(({ path }) => promptPath(path)),
          tokens,
        );
  if (kept.length === 0) return '';
  const rest = more > 0 ? [`… and ${more} more`] : [];
  return section('Its files', inFence([...kept, ...rest].join('\n'), ''));
};

const outlineOf = ({ ranked }: RankedMap, tokens: number): { text: string; files: number } => {
  const named = ranked.filter(({ facts }) => facts.names.length > 0).slice(0, mostOutlined);
  const blocks = named.map(({ path, facts }) =>
    masked(`${promptPath(path)}\n${facts.names.map((name) => `  ${name}`).join('\n')}`),
  );
  const { kept } = fitting(blocks, tokens);
  if (kept.length === 0) return { text: '', files: 0 };
  return { text: section('What its files give to others', inFence(kept.join('\n'), '')), files: kept.length };
};

const notesOf = async (rig: Rig, commit: string, { paths }: RankedMap, tokens: number) => {
  const named = paths.filter((path) => notes.test(path)).slice(0, 4);
  const shown = await showFiles(rig.repo, commit, named);
  const kept = takeWhole(shown, tokens);
  return {
    text: section('Its notes', kept.map(({ text }) => text).join('\n\n')),
    paths: kept.map(({ path }) => path),
  };
};

/** Files that the epic names, then those whose names its words are in. */
const wholeOf = async (rig: Rig, commit: string, map: RankedMap, epic: string, tokens: number) => {
  const named = mentionedPaths(epic, map.paths, mostWhole);
  const likely = map.ranked.slice(0, mostWhole).map(({ path }) => path);
  const wanted = [...new Set([...named, ...likely])].filter((path) => !maySecrete(path) && !notes.test(path));
  const kept = takeWhole(await showFiles(rig.repo, commit, wanted), tokens).slice(0, mostWhole);
  return {
    text: section('Some files in full', kept.map(({ text }) => text).join('\n\n')),
    paths: kept.map(({ path }) => path),
  };
};

const takeWhole = <T extends { readonly text: string }>(
  files: readonly T[],
  tokens: number,
): readonly T[] => {
  let left = tokens;
  return files.filter(({ text }) => {
    const cost = estimateTokens(text.length);
    if (cost > left) return false;
    left -= cost;
    return true;
  });
};

const tooLong = (request: ComposePlanPrompt, room: number, needed: number, epic: string): Error =>
  fail('ContextOverflow', {
    what: `The epic needs about ${needed} tokens; a prompt for the mayor ${request.mayor.model} may have ${room}.`,
    evidence: `the epic has ${epic.length} characters, about ${estimateTokens(epic.length)} tokens`,
    next: 'Shorten the epic or split it into several, or name a model with a larger context as roles.mayor.',
  });
