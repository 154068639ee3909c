/**
 * Text of repositories, tools and plans as a prompt may carry it (G9): it stays text. Nothing in it can close the block that
 * it stands in, drive a terminal, or be read by a model server as a change of speaker.
 */

/** In a fenced block longer than any run of backticks in the text, under a line that says what it is. */
export const inFence = (text: string, info: string): string => {
  const runs = text.match(/`{3,}/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return `${fence}${info}\n${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${fence}`;
};

/**
 * Servers read tokens such as `<|im_start|>` inside messages too, so a file could pose as the system. They are shown as
 * `<¦im_start¦>`, and read back so from a reply: files that hold them can still be edited.
 */
export const masked = (text: string): string =>
  text.replace(/<\|(\w{1,40})\|>/g, '<¦$1¦>').replace(/<(\/?)(start_of_turn|end_of_turn|s)>/g, '<$1¦$2¦>');

/** The opposite of `masked`. */
export const unmasked = (text: string): string =>
  text.replace(/<(\/?)¦(start_of_turn|end_of_turn|s)¦>/g, '<$1$2>').replace(/<¦(\w{1,40})¦>/g, '<|$1|>');
