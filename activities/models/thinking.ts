/** A reply without the thoughts that a reasoning model wrote before it. */
export interface Answer {
  readonly text: string;
  readonly thought: string;
}

/**
 * Splits a leading `<think>…</think>` off. Some chat templates open the tag themselves, so a bare closing tag on a line of its
 * own before any code counts too; later ones are content, since a program may well be about such tags. An
 * unclosed thought is all thought.
 */
export const splitThinking = (reply: string): Answer => {
  const opened = /^\s*<(think|thinking)>/.exec(reply);
  if (opened !== null) {
    const close = `</${opened[1]}>`;
    const end = reply.indexOf(close);
    if (end < 0) return { text: '', thought: reply };
    return { text: reply.slice(end + close.length).trimStart(), thought: reply.slice(0, end) };
  }
  const bare = /^[ \t]*<\/think(?:ing)?>[ \t]*$/m.exec(reply);
  const code = reply.indexOf('```');
  if (bare === null || (code >= 0 && code < bare.index)) return { text: reply, thought: '' };
  return { text: reply.slice(bare.index + bare[0].length).trimStart(), thought: reply.slice(0, bare.index) };
};
