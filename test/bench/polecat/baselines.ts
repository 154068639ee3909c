import { applyBlock } from '../../../activities/polecat/protocol/match.ts';
import { parseReply } from '../../../activities/polecat/protocol/parse.ts';
import type { BenchBead } from './beadFile.ts';
import { runIn } from './runIn.ts';
import type { Said, Speaker } from './speaker.ts';
import { startOf, type Tree } from './tree.ts';

/** What is left of a bead that was worked on without a town. */
export interface Attempted {
  readonly closed: boolean;
  readonly tree: Tree;
  readonly turns: number;
}

/** One reply, applied as it is. A model that ends its reply says that it is done; one that was cut says nothing. */
export const singleShot = async (bead: BenchBead, speaker: Speaker): Promise<Attempted> => {
  const said = speaker.say(bead, 1, promptOf(bead), undefined);
  return { closed: said.finish === 'stop', tree: appliedTo(startOf(bead), said), turns: 1 };
};

/**
 * The same prompt again for as many turns as a bead of the town may take, each reply applied to what the ones before have
 * left. It ends when the model claims in so many words to be done, or when the checks as they are now are green.
 */
export const plainLoop = async (bead: BenchBead, speaker: Speaker, most: number): Promise<Attempted> => {
  let tree = startOf(bead);
  let last: Said | undefined;
  for (let turn = 1; turn <= most; turn++) {
    last = speaker.say(bead, turn, promptOf(bead), last);
    const after = appliedTo(tree, last);
    const moved = after !== tree;
    tree = after;
    if (last.claims || (moved && (await runIn(tree, bead.gate)).green))
      return { closed: true, tree, turns: turn };
  }
  return { closed: false, tree, turns: most };
};

/** Task and files, and nothing of what went wrong. */
const promptOf = (bead: BenchBead): string => {
  const files = Object.entries(startOf(bead)).map(
    ([path, text]) => `${path}\n${text.replaceAll('\r\n', '\n')}`,
  );
  return [bead.title, bead.task, ...files].join('\n\n');
};

/** All that can be read of a reply; what cannot is passed over, and nothing is protected. The same tree if nothing changes. */
const appliedTo = (tree: Tree, said: Said): Tree => {
  const after: Record<string, string> = { ...tree };
  for (const edit of parseReply(said.text).edits) {
    if (edit.kind === 'delete') delete after[edit.path];
    else if (edit.kind === 'write') after[edit.path] = edit.content;
    else {
      for (const block of edit.blocks) {
        const matched = applyBlock((after[edit.path] ?? '').replaceAll('\r\n', '\n'), block);
        if (matched.text !== undefined) after[edit.path] = matched.text;
      }
    }
    const text = after[edit.path];
    if (text !== undefined && tree[edit.path]?.includes('\r\n'))
      after[edit.path] = text.replace(/\r?\n/g, '\r\n');
  }
  const same = JSON.stringify(after) === JSON.stringify(tree);
  return same || Object.keys(after).some((path) => path.startsWith('/') || path.split('/').includes('..'))
    ? tree
    : after;
};
