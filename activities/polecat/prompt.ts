import { formFor } from '../../workflows/domain/bead/editForm.ts';
import type { Told } from '../../workflows/domain/bead/told.ts';
import type { ModelSettings } from '../../workflows/domain/host/model.ts';
import { beadKey } from '../../workflows/domain/naming.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import type { ComposedPrompt, ComposePrompt } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import type { Home } from '../home.ts';
import type { Blobs } from '../ledger/blobs.ts';
import { createTranscripts } from '../ledger/transcripts.ts';
import {
  createRepositoryMaps,
  type MapTask,
  type RepositoryMap,
  type RepositoryMaps,
  renderMap,
} from '../map/index.ts';
import { estimateTokens } from '../models/tokens.ts';
import { createFormCounts } from './formCounts.ts';
import { noteSection } from './noteText.ts';
import { mentionedPaths, type PromptFile, showFiles } from './promptFiles.ts';
import { fillLevel, promptRoom } from './promptRoom.ts';
import {
  checksSection,
  feedbackSection,
  filesSection,
  looksSection,
  mapSection,
  mapSectionChars,
  type PromptLook,
  readFeedback,
  readLooks,
  readReports,
  toldSection,
} from './promptSections.ts';
import { loadPromptWords } from './promptWords.ts';
import { createRigNotes, notesSection } from './rigNotes.ts';
import { offeredTools } from './tools.ts';
import { masked } from './untrusted.ts';

interface PromptDeps {
  readonly home: Home;
  readonly blobs: Blobs;
  readonly models: ReadonlyMap<string, ModelSettings>;
  readonly rigs: ReadonlyMap<string, RigSettings>;
  readonly maps?: RepositoryMaps;
}

/** A prompt as a blob holds it. */
export interface PromptBlob {
  readonly version: 1;
  /** Which wording of the templates it was made with. */
  readonly template: string;
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[];
  /** What the model is offered to call, as the chat API takes it. */
  readonly tools?: readonly object[];
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
export const createComposePrompt = ({
  home,
  blobs,
  models,
  rigs,
  maps = createRepositoryMaps(home),
}: PromptDeps) => {
  const words = loadPromptWords();
  const forms = createFormCounts(home);
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
    const [calls, counts, map, feedback, looks, note, notes, reports] = await Promise.all([
      transcripts.read(request.bead),
      forms.read(request.model),
      maps.at({ rig: request.rig, commit: head, base, sparse, hurry }),
      readFeedback(request.feedback, blobs),
      readLooks(request.looks ?? [], blobs),
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

    const { malformed = 0 } = request;
    const form = formFor({ configured: model.edits ?? 'auto', counts, malformed });
    const canLook = rig?.sandbox !== 'off';
    const systemText = words.system({ spec, form, canLook });
    const offersTools = form === 'tools' && spec.output === undefined && request.ask === undefined;
    const tools = offersTools ? offeredTools(canLook) : [];
    const toolsText = tools.length === 0 ? '' : JSON.stringify(tools);
    const write = (parts: Optional, mapText: string): string =>
      words.user({
        title: masked(oneLine(spec.title, 200)),
        task: `${masked(plainLines(task)).trim()}\n`,
        checks: checksSection(rig, spec.gates),
        notes: parts.notes,
        reports: parts.reports,
        files: filesSection([...essential, ...parts.files]),
        map: mapSection(mapText),
        note: parts.note,
        told: toldSection(parts.told),
        looks: looksSection(parts.looks),
        feedback: feedbackSection(parts, request.feedback.at(-1)?.nudge),
        ask: words.ask(request.ask, spec),
      });
    const limit = Math.floor(promptRoom(model, calls) * (request.squeeze ?? 1));
    const tokensIn = (userText: string): number =>
      estimateTokens(systemText.length + toolsText.length + userText.length);
    const tokensOf = (parts: Optional): number => tokensIn(write(parts, ''));

    const bare = tokensOf(nothing);
    if (bare > limit) throw overflow(request, model, bare, limit, task, essential);
    const wanted: Optional = {
      files: shown.filter(({ path }) => !named.includes(path)),
      notes: notes === undefined || named.includes(notes.path) ? '' : notesSection(notes),
      ...{ reports, note, looks, told: request.told ?? [] },
      ...feedback,
    };
    const parts = fitted(wanted, (candidate) => tokensOf(candidate) <= limit);
    const room = Math.min(
      rig?.mapTokens ?? mapTokens,
      limit - tokensOf(parts) - estimateTokens(mapSectionChars),
    );
    const seen = new Set([...named, ...parts.files.map(({ path }) => path)]);
    const whole = mapOfOthers(ranked, seen, room);
    const withMap = write(parts, whole);
    // A name with many backticks makes the fence longer than was reckoned with.
    const userText = tokensIn(withMap) <= limit ? withMap : write(parts, '');
    const prompt: PromptBlob = {
      version: 1,
      template: words.hash,
      messages: [
        { role: 'system', content: systemText },
        { role: 'user', content: userText },
      ],
      ...(tools.length === 0 ? {} : { tools }),
    };
    return {
      promptRef: await blobs.put(JSON.stringify(prompt)),
      estimatedTokens: tokensIn(userText),
      form,
      fill: Math.round((100 * tokensOf(wanted)) / limit) / 100,
    };
  };
};

/** Parts of a prompt that it can do without, if it must. */
interface Optional {
  readonly files: readonly PromptFile[];
  readonly notes: string;
  readonly reports: string;
  readonly note: string;
  readonly looks: readonly PromptLook[];
  readonly told: readonly Told[];
  readonly older: string;
  readonly last: string;
}

const nothing: Optional = {
  files: [],
  notes: '',
  reports: '',
  note: '',
  looks: [],
  told: [],
  older: '',
  last: '',
};

/**
 * Drops parts until they fit: older feedback first, then the oldest looks, then the longest part that is left. What somebody has
 * said goes last, the oldest word first: a long one must not block the bead that it was to help.
 */
const fitted = (parts: Optional, fits: (parts: Optional) => boolean): Optional => {
  let left = parts;
  while (!fits(left)) {
    if (left.older !== '') left = { ...left, older: '' };
    else if (left.looks.length > 0) left = { ...left, looks: left.looks.slice(1) };
    else left = withoutLongest(left);
  }
  return left;
};

const withoutLongest = (parts: Optional): Optional => {
  const file = parts.files.toSorted((a, b) => b.text.length - a.text.length)[0];
  const texts = (['note', 'notes', 'reports', 'last'] as const).toSorted(
    (a, b) => parts[b].length - parts[a].length,
  );
  const text = texts[0] ?? 'note';
  if (file === undefined && parts[text] === '') return { ...parts, told: parts.told.slice(1) };
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
