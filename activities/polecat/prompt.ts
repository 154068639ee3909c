import type { ModelSettings } from '../../workflows/domain/model.ts';
import { beadKey } from '../../workflows/domain/naming.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import type { ComposedPrompt, ComposePrompt } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import type { Home } from '../home.ts';
import type { Blobs } from '../ledger/blobs.ts';
import { createTranscripts } from '../ledger/transcripts.ts';
import { createRepositoryMaps, type MapTask, type RepositoryMap, renderMap } from '../map/index.ts';
import { estimateTokens } from '../models/tokens.ts';
import { noteSection } from './noteText.ts';
import { mentionedPaths, type PromptFile, showFiles } from './promptFiles.ts';
import { fillLevel, promptRoom } from './promptRoom.ts';
import {
  checksSection,
  feedbackSection,
  filesSection,
  mapSection,
  mapSectionChars,
  readFeedback,
  readReports,
} from './promptSections.ts';
import { createRigNotes, notesSection } from './rigNotes.ts';
import { fillTemplate, loadTemplate, templateHash } from './template.ts';
import { masked } from './untrusted.ts';

interface PromptDeps {
  readonly home: Home;
  readonly blobs: Blobs;
  readonly models: ReadonlyMap<string, ModelSettings>;
  readonly rigs: ReadonlyMap<string, RigSettings>;
}

/** A prompt as a blob holds it. */
export interface PromptBlob {
  readonly version: 1;
  /** Which wording of the templates it was made with. */
  readonly template: string;
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[];
}

/** Most tokens of the map where the rig says nothing. */
const mapTokens = 2_000;
/** Files beyond those of the plan that a prompt shows because a task or a failure names them. */
const mostMentioned = 6;
/** Files that a prompt shows by their rank in the map when the plan names none, and the largest that it guesses at, characters. */
const guesses = { files: 4, chars: 8_000 } as const;

/**
 * Writes the prompt of one turn: rules, task, checks, the repository's notes, files in full, a map of the others, what failed.
 * The parts that stay the same from turn to turn come first, for the servers' prefix caches; the map, which follows the last
 * failure, comes late. Every conversation is fresh: the files are its memory.
 */
export const createComposePrompt = ({ home, blobs, models, rigs }: PromptDeps) => {
  const system = loadTemplate('system.md');
  const user = loadTemplate('task.md');
  const template = templateHash([system, user]);
  const maps = createRepositoryMaps(home);
  const readRigNotes = createRigNotes();
  const transcripts = createTranscripts(home);

  return async (request: ComposePrompt): Promise<ComposedPrompt> => {
    const model = models.get(request.model);
    if (model === undefined)
      throw fail('ModelUnavailable', {
        what: `The model ${request.model} of bead ${beadKey(request.bead)} is not configured.`,
        next: `Add it to models in gastown.yaml, or hand over to one of: ${[...models.keys()].join(', ')}.`,
      });
    const repo = home.repo(request.rig);
    const { spec, base, head } = request;
    const rig = rigs.get(request.rig);
    const sparse = rig?.sparse ?? [];
    const task = await blobs.get(spec.taskRef);
    const hurry = [spec.title, task, ...spec.files].join('\n');
    const [calls, map, feedback, note, notes, reports] = await Promise.all([
      transcripts.read(request.bead),
      maps.at({ rig: request.rig, commit: head, base, sparse, hurry }),
      readFeedback(request.feedback, blobs),
      request.noteRef === undefined ? '' : blobs.get(request.noteRef).then(noteSection),
      readRigNotes(repo, base, rig?.notes),
      readReports(request.reports ?? [], blobs),
    ]);
    const named = [...new Set(spec.files)];
    const ranked = map.ranked(taskOf(`${spec.title}\n${task}`, feedback, [...named, ...map.touched]));
    const all = map.files.map(({ path }) => path);
    const mentioned = mentionedPaths(`${feedback.last}\n${task}`, all, mostMentioned);
    const sure = [...new Set([...named, ...map.touched, ...mentioned])];
    const likely = named.length > 0 ? [] : ranked.slice(0, guesses.files).map(({ path }) => path);
    const shown = (await showFiles(repo, head, [...new Set([...sure, ...likely])], sparse)).filter(
      ({ path, text }) => sure.includes(path) || text.length <= guesses.chars,
    );
    const essential = shown.filter(({ path }) => named.includes(path));

    const systemText = fillTemplate(system, {});
    const write = (parts: Optional, mapText: string): string =>
      fillTemplate(user, {
        title: masked(oneLine(spec.title, 200)),
        task: `${masked(plainLines(task)).trim()}\n`,
        checks: checksSection(rig, spec.gates),
        notes: parts.notes,
        reports: parts.reports,
        files: filesSection([...essential, ...parts.files]),
        map: mapSection(mapText),
        note: parts.note,
        feedback: feedbackSection(parts, request.feedback.at(-1)?.nudge),
      });
    const limit = promptRoom(model, calls);
    const tokensOf = (parts: Optional, mapText = ''): number =>
      estimateTokens(systemText.length + write(parts, mapText).length);

    const bare = tokensOf(nothing);
    if (bare > limit) throw overflow(request, model, bare, limit, task, essential);
    const parts = fitted(
      {
        files: shown.filter(({ path }) => !named.includes(path)),
        notes: notes === undefined || named.includes(notes.path) ? '' : notesSection(notes),
        reports,
        note,
        ...feedback,
      },
      (candidate) => tokensOf(candidate) <= limit,
    );
    const room = Math.min(
      rig?.mapTokens ?? mapTokens,
      limit - tokensOf(parts) - estimateTokens(mapSectionChars),
    );
    const seen = new Set([...named, ...parts.files.map(({ path }) => path)]);
    const whole = mapOfOthers(ranked, seen, room);
    // A name with many backticks makes the fence longer than was reckoned with.
    const mapText = tokensOf(parts, whole) <= limit ? whole : '';
    const prompt: PromptBlob = {
      version: 1,
      template,
      messages: [
        { role: 'system', content: systemText },
        { role: 'user', content: write(parts, mapText) },
      ],
    };
    return { promptRef: await blobs.put(JSON.stringify(prompt)), estimatedTokens: tokensOf(parts, mapText) };
  };
};

/** Parts of a prompt that it can do without, if it must. */
interface Optional {
  readonly files: readonly PromptFile[];
  readonly notes: string;
  readonly reports: string;
  readonly note: string;
  readonly older: string;
  readonly last: string;
}

const nothing: Optional = { files: [], notes: '', reports: '', note: '', older: '', last: '' };

/** Drops parts until they fit: older feedback first, then the longest part that is left. */
const fitted = (parts: Optional, fits: (parts: Optional) => boolean): Optional => {
  let left = parts;
  while (!fits(left)) left = left.older !== '' ? { ...left, older: '' } : withoutLongest(left);
  return left;
};

const withoutLongest = (parts: Optional): Optional => {
  const file = parts.files.toSorted((a, b) => b.text.length - a.text.length)[0];
  const texts = (['note', 'notes', 'reports', 'last'] as const).toSorted(
    (a, b) => parts[b].length - parts[a].length,
  );
  const text = texts[0] ?? 'note';
  if (file !== undefined && file.text.length >= parts[text].length)
    return { ...parts, files: parts.files.filter((one) => one !== file) };
  return { ...parts, [text]: '' };
};

const taskOf = (
  text: string,
  feedback: { readonly last: string; readonly older: string },
  seeds: readonly string[],
): MapTask => ({
  text,
  feedback: `${feedback.last}\n${feedback.older}`,
  seeds,
});

/** The map without the files that stand in the prompt in full. */
const mapOfOthers = (ranked: RepositoryMap['files'], seen: ReadonlySet<string>, room: number): string =>
  renderMap(
    ranked.filter(({ path }) => !seen.has(path)).map(({ path, facts }) => ({ path, names: facts.names })),
    room,
  ).text;

const overflow = (
  request: ComposePrompt,
  model: ModelSettings,
  needed: number,
  limit: number,
  task: string,
  files: readonly PromptFile[],
): Error =>
  fail('ContextOverflow', {
    what: `The task and files of ${beadKey(request.bead)} need about ${needed} tokens; a prompt for ${model.key} may have ${limit}.`,
    evidence: [
      `context ${model.context}, maxTokens ${model.maxTokens}: ${fillLevel} × (${model.context} − ${model.maxTokens}), or less where the model has counted more than we: ${limit}`,
      `task: about ${estimateTokens(task.length)} tokens`,
      ...files
        .toSorted((a, b) => b.text.length - a.text.length)
        .slice(0, 10)
        .map(({ path, text }) => `${path}: about ${estimateTokens(text.length)} tokens`),
    ].join('\n'),
    next: 'Split the bead or name fewer files in it, or give it a tier whose model has a larger context.',
  });
