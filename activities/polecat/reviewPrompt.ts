import type { ModelSettings } from '../../workflows/domain/host/model.ts';
import { beadKey } from '../../workflows/domain/naming.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import type { ComposedPrompt, ComposeReview } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import { git } from '../git/run.ts';
import type { Home } from '../home.ts';
import type { Blobs } from '../ledger/blobs.ts';
import { estimateTokens } from '../models/tokens.ts';
import type { PromptBlob } from './prompt.ts';
import { showFiles } from './promptFiles.ts';
import { promptRoom } from './promptRoom.ts';
import { checksSection, filesSection } from './promptSections.ts';
import { fillTemplate, loadTemplate, templateHash } from './template.ts';
import { inFence, masked } from './untrusted.ts';

interface ReviewDeps {
  readonly home: Home;
  readonly blobs: Blobs;
  readonly models: ReadonlyMap<string, ModelSettings>;
  readonly rigs: ReadonlyMap<string, RigSettings>;
}

/** Files that a review shows in full beside the change. */
const mostFiles = 12;

/**
 * Writes the prompt of a second opinion: task, checks, the change as git shows it, and the changed files in full as far as they
 * fit. Null when the change alone is more than the reviewer's context holds.
 */
export const createComposeReview = ({ home, blobs, models, rigs }: ReviewDeps) => {
  const system = loadTemplate('review-system.md');
  const user = loadTemplate('review.md');
  const template = templateHash([system, user]);

  return async (request: ComposeReview): Promise<ComposedPrompt | null> => {
    const model = models.get(request.model);
    if (model === undefined)
      throw fail('ModelUnavailable', {
        what: `The reviewer ${request.model} of bead ${beadKey(request.bead)} is not configured.`,
        next: `Name one of these as roles.reviewer in gastown.yaml: ${[...models.keys()].join(', ')}.`,
      });
    const repo = home.repo(request.rig);
    const { spec, base, head } = request;
    const rig = rigs.get(request.rig);
    const range = [base, head] as const;
    const [task, diff, names] = await Promise.all([
      blobs.get(spec.taskRef),
      git(['diff-tree', '-r', '-p', '--no-color', '--no-ext-diff', '--no-textconv', ...range], { cwd: repo }),
      git(['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--diff-filter=d', ...range], {
        cwd: repo,
      }),
    ]);
    const paths = names.stdout.split('\0').filter(Boolean).slice(0, mostFiles);
    const shown = await showFiles(repo, head, paths, rig?.sparse ?? []);
    const systemText = fillTemplate(system, {});
    const write = (files: typeof shown): string =>
      fillTemplate(user, {
        title: masked(oneLine(spec.title, 200)),
        task: `${masked(plainLines(task)).trim()}\n`,
        checks: checksSection(rig, spec.gates).trimStart(),
        diff: inFence(masked(plainLines(diff.stdout)), 'diff'),
        files: filesSection(files),
        before: request.rounds === 0 ? '' : '\nIt was sent back before, and this is the answer to that.\n',
      });
    const limit = promptRoom(model, []);
    const tokensOf = (files: typeof shown): number => estimateTokens(systemText.length + write(files).length);
    // A change that would not fit whole is not shown in part: half a change can only be misjudged.
    if (tokensOf([]) > limit) return null;
    const fitting = shown.reduce<typeof shown>(
      (kept, file) => (tokensOf([...kept, file]) <= limit ? [...kept, file] : kept),
      [],
    );
    const prompt: PromptBlob = {
      version: 1,
      template,
      messages: [
        { role: 'system', content: systemText },
        { role: 'user', content: write(fitting) },
      ],
    };
    return { promptRef: await blobs.put(JSON.stringify(prompt)), estimatedTokens: tokensOf(fitting) };
  };
};
