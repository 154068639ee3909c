import { shellWord } from '../workflows/domain/shellWord.ts';

/** What to write behind `gt convoy launch`, from any folder, to launch the same again. `file`: an absolute path. */
export const launchWords = (
  file: string,
  { convoy, rig }: { readonly convoy?: string | undefined; readonly rig?: string | undefined },
): string =>
  [
    shellWord(file),
    ...(convoy === undefined ? [] : [`--convoy ${shellWord(convoy)}`]),
    ...(rig === undefined ? [] : [`--rig ${shellWord(rig)}`]),
  ].join(' ');
