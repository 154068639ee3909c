import { clip } from '../../workflows/domain/failure.ts';
import type { ModelSettings } from '../../workflows/domain/model.ts';
import { beadKey } from '../../workflows/domain/naming.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import type { ComposedPrompt, ComposePrompt, Feedback } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import type { Home } from '../home.ts';
import type { Blobs } from '../ledger/blobs.ts';
import { estimateTokens } from '../models/tokens.ts';
import { noteSection } from './noteText.ts';
import {
  changedFiles,
  listFiles,
  mentionedPaths,
  type PromptFile,
  rankedPaths,
  showFiles,
} from './promptFiles.ts';
import { fillTemplate, loadTemplate, templateHash } from './template.ts';
import { inFence, masked } from './untrusted.ts';

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

/** Share of the room for a prompt that we use: our count of tokens is an estimate. */
const fillLevel = 0.75;
/** Most tokens that the list of other files may take. */
const mostTreeTokens = 2_000;
/** Files beyond those of the plan that a prompt shows because a task or a failure names them. */
const mostMentioned = 6;
const feedbackChars = { last: 8_000, older: 3_000 };

/**
 * Writes the prompt of one turn: rules, task, checks, files in full, what failed. The parts that stay the same from turn to turn
 * come first, for the servers' prefix caches. Every conversation is fresh: the files are its memory.
 */
export const createComposePrompt = ({ home, blobs, models, rigs }: PromptDeps) => {
  const system = loadTemplate('system.md');
  const user = loadTemplate('task.md');
  const template = templateHash([system, user]);

  return async (request: ComposePrompt): Promise<ComposedPrompt> => {
    const model = models.get(request.model);
    if (model === undefined)
      throw fail('ModelUnavailable', {
        what: `The model ${request.model} of bead ${beadKey(request.bead)} is not configured.`,
        next: `Add it to models in gastown.yaml, or hand over to one of: ${[...models.keys()].join(', ')}.`,
      });
    const repo = home.repo(request.rig);
    const { spec, base, head } = request;
    const [task, all, touched, feedback, note] = await Promise.all([
      blobs.get(spec.taskRef),
      listFiles(repo, head),
      changedFiles(repo, base, head),
      readFeedback(request.feedback, blobs),
      request.noteRef === undefined ? '' : blobs.get(request.noteRef).then(noteSection),
    ]);
    const named = [...new Set(spec.files)];
    const mentioned = mentionedPaths(`${feedback.last}\n${task}`, all, mostMentioned);
    const extra = [...new Set([...touched, ...mentioned])].filter((path) => !named.includes(path));
    const shown = await showFiles(repo, head, [...named, ...extra]);
    const essential = shown.filter(({ path }) => named.includes(path));

    const systemText = fillTemplate(system, {});
    const write = (parts: Optional, tree: string): string =>
      fillTemplate(user, {
        title: masked(oneLine(spec.title, 200)),
        task: `${masked(plainLines(task)).trim()}\n`,
        checks: checksSection(rigs.get(request.rig), spec.gates),
        tree,
        files: filesSection([...essential, ...parts.files]),
        note: parts.note,
        feedback: feedbackSection(parts.older, parts.last),
      });
    const limit = Math.floor(fillLevel * (model.context - model.maxTokens));
    const tokensOf = (parts: Optional, tree = ''): number =>
      estimateTokens(systemText.length + write(parts, tree).length);

    const bare = tokensOf(nothing);
    if (bare > limit) throw overflow(request, model, bare, limit, task, essential);
    const parts = fitted(
      { files: shown.filter(({ path }) => !named.includes(path)), note, ...feedback },
      (candidate) => tokensOf(candidate) <= limit,
    );
    const room = Math.min(mostTreeTokens, limit - tokensOf(parts));
    const tree = treeSection(rankedPaths(all, [...named, ...extra]), room);
    const prompt: PromptBlob = {
      version: 1,
      template,
      messages: [
        { role: 'system', content: systemText },
        { role: 'user', content: write(parts, tree) },
      ],
    };
    return { promptRef: await blobs.put(JSON.stringify(prompt)), estimatedTokens: tokensOf(parts, tree) };
  };
};

/** Parts of a prompt that it can do without, if it must. */
interface Optional {
  readonly files: readonly PromptFile[];
  readonly note: string;
  readonly older: string;
  readonly last: string;
}

const nothing: Optional = { files: [], note: '', older: '', last: '' };

/** Drops parts until they fit: older feedback first, then the longest part that is left. */
const fitted = (parts: Optional, fits: (parts: Optional) => boolean): Optional => {
  let left = parts;
  while (!fits(left)) left = left.older !== '' ? { ...left, older: '' } : withoutLongest(left);
  return left;
};

const withoutLongest = (parts: Optional): Optional => {
  const longest = parts.files.toSorted((a, b) => b.text.length - a.text.length)[0];
  const length = longest?.text.length ?? -1;
  if (length >= parts.note.length && length >= parts.last.length)
    return { ...parts, files: parts.files.filter((file) => file !== longest) };
  return parts.note.length > parts.last.length ? { ...parts, note: '' } : { ...parts, last: '' };
};

const checksSection = (rig: RigSettings | undefined, wanted: readonly string[]): string => {
  const gates = (rig?.gates ?? []).filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  if (gates.length === 0) return '';
  return `\n# Checks that must pass\n\n${gates.map(({ name, run }) => `- ${name}: \`${oneLine(run, 300)}\``).join('\n')}\n`;
};

const filesSection = (files: readonly PromptFile[]): string =>
  files.length === 0 ? '' : `\n# Files as they are now\n\n${files.map(({ text }) => text).join('\n\n')}\n`;

/** As many paths as fit into the room, in tokens. */
const treeSection = (paths: readonly string[], room: number): string => {
  const kept: string[] = [];
  let chars = 120;
  for (const path of paths) {
    chars += path.length + 1;
    if (estimateTokens(chars) > room) break;
    kept.push(path);
  }
  if (kept.length === 0) return '';
  const more = paths.length - kept.length;
  const list = inFence([...kept, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n'), '');
  return `\n# Other files of the repository (not shown)\n\n${list}\n`;
};

const feedbackSection = (older: string, last: string): string => {
  if (last === '') return '';
  const before = older === '' ? '' : `\n# What went wrong before that\n\n${inFence(older, '')}\n`;
  return `${before}\n# What went wrong in your last turn: repair this\n\n${inFence(last, '')}\n`;
};

const readFeedback = async (
  feedback: readonly Feedback[],
  blobs: Blobs,
): Promise<{ older: string; last: string }> => {
  const text = async (one: Feedback | undefined, chars: number): Promise<string> =>
    one === undefined ? '' : masked(clip(plainLines(await feedbackText(one, blobs)), chars));
  const [last, older] = await Promise.all([
    text(feedback.at(-1), feedbackChars.last),
    text(feedback.at(-2), feedbackChars.older),
  ]);
  return { older: older === last ? '' : older, last };
};

/** What workflows themselves have to say has no blob; a reply without an end is all of that kind. */
const feedbackText = async ({ ref, kind, summary }: Feedback, blobs: Blobs): Promise<string> => {
  if (ref !== '') return blobs.get(ref);
  return kind === 'length' ? `${summary}\nReply again, only with what changes, and end there.` : summary;
};

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
      `context ${model.context}, maxTokens ${model.maxTokens}: ${fillLevel} × (${model.context} − ${model.maxTokens}) = ${limit}`,
      `task: about ${estimateTokens(task.length)} tokens`,
      ...files
        .toSorted((a, b) => b.text.length - a.text.length)
        .slice(0, 10)
        .map(({ path, text }) => `${path}: about ${estimateTokens(text.length)} tokens`),
    ].join('\n'),
    next: 'Split the bead or name fewer files in it, or give it a tier whose model has a larger context.',
  });
