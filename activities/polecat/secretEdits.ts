import type { FoundSecret } from '../secrets/concealer.ts';
import { type Concealer, restored } from '../secrets/concealer.ts';
import type { FileChange } from './commitFiles.ts';
import type { Edit, Fault } from './protocol/edit.ts';

/** Texts that a reply was shown without their secrets: the files that it changes, as they are. */
export type ShownTexts = readonly string[];

/**
 * The edits of a reply with the secrets of the files put back: a model that copies a file it never saw whole must not destroy a key
 * in it. A placeholder that none of these files explains is one that the model wrote out itself, or made up: it is refused.
 */
export const withSecrets = (
  edits: readonly Edit[],
  shown: ShownTexts,
  concealer: Concealer,
): { readonly edits: readonly Edit[]; readonly faults: readonly Fault[] } => {
  const faults: Fault[] = [];
  const back = (text: string, line: number): string => {
    const { text: whole, unknown } = restored(text, shown, concealer);
    for (const one of unknown)
      faults.push({
        kind: 'unsafe',
        line,
        what: `Refused: ${one} stands for a secret that none of the files you change has, and no secret may come into the repository. Have the program read it from its environment.`,
      });
    return whole;
  };
  const whole = edits.map((edit): Edit => {
    if (edit.kind === 'write') return { ...edit, content: back(edit.content, edit.line) };
    if (edit.kind === 'delete') return edit;
    const blocks = edit.blocks.map((block) => ({
      ...block,
      search: back(block.search, block.line),
      replace: back(block.replace, block.line),
    }));
    return { ...edit, blocks };
  });
  return { edits: whole, faults };
};

/**
 * Why changes may not be committed: their blocks, put together, make a secret that was not there, though none of them held it.
 * Its value is never told.
 */
export const leakFaults = (
  changes: readonly FileChange[],
  shown: ShownTexts,
  { found }: Concealer,
): readonly Fault[] => {
  const known = new Set(shown.flatMap(found).map(({ value }) => value));
  const isNew = ({ value }: FoundSecret): boolean => !known.has(value);
  return changes.flatMap(({ path, bytes }) =>
    bytes === undefined
      ? []
      : found(bytes.toString('utf8'))
          .filter(isNew)
          .map(({ kind }) => ({
            kind: 'unsafe' as const,
            what: `Refused: ${path} would hold what looks like a secret (${kind}). Have the program read it from its environment; in tests use a text that no issuer would make.`,
          })),
  );
};
