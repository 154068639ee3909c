import type { FaultKind } from './personality.ts';

/** What a model would have to read in order to know what was wrong. */
const words: Readonly<Record<FaultKind, RegExp>> = {
  noPath: /has no path|without a path/i,
  unclosedFence: /never closed/i,
  searchMismatch: /SEARCH text (is not|occurs)/i,
  wrongFile: /instead of|did you mean|not the file/i,
  ellipsis: /leaves out text|placeholder/i,
  fakeSuccess: /NOTHING TO CHANGE, but|changes no file/i,
  sameAgain: /same reply|leaves the files as they are/i,
  repetition: /would not end|over and over|cut/i,
  truncation: /cut off|not finished/i,
  toolCall: /tool|JSON/,
  deleteTest: /test[^.]*(delet|remov|protected)|(delet|remov|protected)[^.]*test/i,
  skipTest: /test[^.]*(skip|weaken|protected)|(skip|weaken|protected)[^.]*test/i,
  shortcut: /ends the whole process/i,
  injection: /test[^.]*(delet|remov|protected|weaken)|part of CI/i,
  wrongCode: /exit status|not ok|FAIL|error/i,
};

/** The faults that the feedback of a prompt names: general rules do not count, they stand in every prompt. */
export const namedFaults = (prompt: string): ReadonlySet<FaultKind> => {
  const at = prompt.search(/# (What (went wrong|failed)|Where an earlier conversation)/i);
  if (at < 0) return new Set();
  const feedback = prompt
    .slice(at)
    .replace(/Reply in this form:[\s\S]*?write only the line: NOTHING TO CHANGE/g, '');
  return new Set((Object.keys(words) as FaultKind[]).filter((kind) => words[kind].test(feedback)));
};
