import type { Look } from '../../workflows/domain/bead/look.ts';
import type { Told } from '../../workflows/domain/bead/told.ts';
import { clip } from '../../workflows/domain/failure.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import type { BeadReport, Feedback } from '../../workflows/ports.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { PromptFile } from './promptFiles.ts';
import { inFence, masked } from './untrusted.ts';

/** The last two failures as a prompt holds them; '' where there is none. */
export interface PromptFeedback {
  readonly older: string;
  readonly last: string;
}

const feedbackChars = { last: 8_000, older: 3_000 };
/** Reports of other beads: how many, and characters of each. */
const reports = { most: 6, chars: 5_000 } as const;

export const checksSection = (rig: RigSettings | undefined, wanted: readonly string[]): string => {
  const gates = (rig?.gates ?? []).filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  if (gates.length === 0) return '';
  const lines = gates.map(({ name, run }) => `- ${name}: \`${oneLine(run, 300)}\``);
  return `\n# Checks that must pass\n\n${lines.join('\n')}\n${formatting(rig)}`;
};

const formatting = (rig: RigSettings | undefined): string =>
  rig?.format === undefined
    ? ''
    : `\nFormatting is done for you before the checks (\`${oneLine(rig.format.run, 200)}\`): never spend a reply on it.\n`;

export const filesSection = (files: readonly PromptFile[]): string =>
  files.length === 0 ? '' : `\n# Files as they are now\n\n${files.map(({ text }) => text).join('\n\n')}\n`;

export const mapSection = (map: string): string =>
  map === ''
    ? ''
    : `\n# Other files of the repository (not shown)\n\nWhat matters most for the task comes first, with what each file defines; then others by folder.\n\n${inFence(map, '')}\n`;

/** What the section of the map has beside the map, characters. */
export const mapSectionChars = mapSection('x').length;

/** `nudge`: what the town has to say where turns repeat themselves; its own words, so they stand outside of the fence. */
export const feedbackSection = ({ older, last }: PromptFeedback, nudge: string | undefined): string => {
  const before =
    older === '' || last === '' ? '' : section('What went wrong before that', inFence(older, ''));
  const now = [...(nudge === undefined ? [] : [nudge]), ...(last === '' ? [] : [inFence(last, '')])];
  if (now.length === 0) return '';
  return `${before}${section('What went wrong in your last turn: repair this', now.join('\n\n'))}`;
};

const section = (title: string, text: string): string => `\n# ${title}\n\n${text}\n`;

export const readFeedback = async (all: readonly Feedback[], blobs: Blobs): Promise<PromptFeedback> => {
  // What was looked at has a section of its own.
  const feedback = all.filter(({ kind }) => kind !== 'looked');
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
  return kind === 'length' ? `${summary}\nReply again, only with what is asked for, and end there.` : summary;
};

/** What people and the town's roles have said meanwhile: theirs, so it stands as the task does. */
export const toldSection = (told: readonly Told[]): string =>
  told.length === 0
    ? ''
    : section(
        'What you were told meanwhile',
        told
          .map(({ from, text }) => `${masked(oneLine(from, 60))}: ${masked(plainLines(text)).trim()}`)
          .join('\n\n'),
      );

/** A command that this conversation has run, as a section of the prompt shows it. */
export interface PromptLook {
  readonly text: string;
}

export const readLooks = (looks: readonly Look[], blobs: Blobs): Promise<PromptLook[]> =>
  Promise.all(
    looks.map(async ({ command, outputRef, ended }) => {
      const output = masked(plainLines(await blobs.get(outputRef)));
      return { text: `${inFence(`$ ${masked(command)}\n${output}`, '')}\n(${ended})` };
    }),
  );

export const looksSection = (looks: readonly PromptLook[]): string =>
  looks.length === 0 ? '' : section('What you have looked at', looks.map(({ text }) => text).join('\n\n'));

/** What the beads that this one needs have found out; models wrote it, so it is data. */
export const readReports = async (of: readonly BeadReport[], blobs: Blobs): Promise<string> => {
  const texts = await Promise.all(
    of.slice(0, reports.most).map(async ({ title, ref }) => {
      const text = clip(plainLines(await blobs.get(ref)), reports.chars);
      return `${masked(oneLine(title, 200))}:\n\n${inFence(masked(text), '')}\n`;
    }),
  );
  return texts.length === 0 ? '' : `\n# Reports of the work before this\n\n${texts.join('\n')}`;
};
