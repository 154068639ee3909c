import { isAbsolute } from 'node:path';
import { gitRef } from '../../workflows/domain/naming.ts';
import { fail } from '../failure.ts';
import { redacted } from '../git/redact.ts';
import { gitEvidence } from '../git/run.ts';
import type { Rig } from './index.ts';
import { shellWord } from './shellWord.ts';

export interface Asked {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** `RigUnusable`: a person has to change the rig or its configuration. */
export const unusable = (rig: Rig, what: string, evidence: string, next: string) =>
  fail('RigUnusable', {
    what: redacted(`Rig ${rig.settings.name}: ${what}`),
    evidence: redacted(evidence),
    next: redacted(next),
  });

/** Names a setting of a rig, with its new value when that is known. `npm start` writes the configuration anew from its flags. */
export const setting = (name: 'path' | 'branch', value?: string): string => {
  const flag = name === 'path' ? '--repo' : '--branch';
  return value === undefined
    ? `\`${name}\` of the rig in gastown.yaml (with \`npm start\`: ${flag})`
    : `\`${name}: ${value}\` for this rig in gastown.yaml (with \`npm start\`: ${flag} ${shellWord(value)})`;
};

/** What git's refusal to read the rig's source means, and what to do about it. */
export const refusal = (rig: Rig, asked: Asked) => {
  const { source } = rig.settings;
  const word = shellWord(source);
  const evidence = gitEvidence(asked.args, { cwd: asked.cwd }, asked);
  const says = (pattern: RegExp): boolean => pattern.test(asked.stderr);
  if (says(/dubious ownership/)) {
    // git names the folder itself, which for a fetch is not always the one that was given.
    const command = /git config --global --add safe\.directory .+/.exec(asked.stderr)?.[0];
    return unusable(
      rig,
      `${source} belongs to another user, so git does not trust it.`,
      evidence,
      `If you trust it: ${command?.trim() ?? `git config --global --add safe.directory ${word}`}`,
    );
  }
  if (
    says(
      /not a git repository|does not appear to be a git repository|repository .*(not found|does not exist)/i,
    )
  )
    return unusable(
      rig,
      `${source} is not a git repository.`,
      evidence,
      isAbsolute(source)
        ? `Make it one: git init ${word} && git -C ${word} add -A && git -C ${word} commit -m start. Or correct ${setting('path')}.`
        : 'Correct `url` of the rig in gastown.yaml.',
    );
  if (
    says(
      /authentication failed|could not read (username|password)|permission denied|host key verification|access denied|returned error: 40[13]/i,
    )
  )
    return unusable(
      rig,
      `the user that runs the town may not read ${source}.`,
      evidence,
      `Nothing may ask for a password at night. Give that user a key or a credential helper, until this works without a question: git ls-remote ${word}`,
    );
  return fail('GitFailed', {
    what: redacted(`Rig ${rig.settings.name}: ${source} cannot be read.`),
    evidence,
    next: redacted(`See by hand what is wrong with: git ls-remote ${word}; then launch the convoy again.`),
  });
};

/** `RigUnusable` for a target whose tip the town does not know: nobody opened the rig for it in this home. */
export const neverOpened = (rig: Rig, target: string) =>
  unusable(
    rig,
    `it was not opened for branch ${target}, so there is nothing to work on.`,
    `${gitRef.target(target)} does not exist in ${rig.repo}.`,
    'Launch the convoy again: that opens the rig.',
  );
