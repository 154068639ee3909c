/** Calls of tools as they come in pieces of a stream. */
export interface CalledTools {
  /** Takes the `tool_calls` of one delta in; returns the text that it brought. */
  add(delta: unknown): string;
  /** All calls as text, each in the tags in which models print calls themselves; '' when there are none. */
  text(): string;
}

interface Call {
  readonly index: number;
  name: string;
  arguments: string;
}

/** Calls of one reply that are kept; more are a loop, which other limits end. */
const mostCalls = 1_000;

export const createCalledTools = (): CalledTools => {
  const calls: Call[] = [];
  return {
    add(delta) {
      if (!Array.isArray(delta)) return '';
      return delta.map((piece) => addPiece(calls, piece)).join('');
    },
    text: () =>
      calls
        .map(({ name, arguments: given }) => `\n<tool_call>\n${callText(name, given)}\n</tool_call>`)
        .join(''),
  };
};

const addPiece = (calls: Call[], piece: unknown): string => {
  if (!isRecord(piece) || !isRecord(piece.function)) return '';
  const { name, arguments: given } = piece.function;
  // Ollama has given several calls of one reply the same index: a name begins a call, whatever its number says.
  const begins = typeof name === 'string' && name !== '';
  const index = typeof piece.index === 'number' ? piece.index : calls.length;
  let call = begins ? undefined : calls.findLast((one) => one.index === index);
  if (call === undefined) {
    if (calls.length >= mostCalls) return '';
    call = { index, name: begins ? name : '', arguments: '' };
    calls.push(call);
  }
  // OpenAI sends JSON as text; some proxies send the object itself.
  const text = typeof given === 'string' ? given : isRecord(given) ? JSON.stringify(given) : '';
  call.arguments += text;
  return (begins ? name : '') + text;
};

/** Arguments that are no JSON stay a text, which the reader of replies mends or refuses. */
const callText = (name: string, given: string): string =>
  JSON.stringify({ name, arguments: parsed(given) })
    // A file may hold the closing tag itself.
    .replaceAll('<', '\\u003c');

const parsed = (given: string): unknown => {
  try {
    return JSON.parse(given === '' ? '{}' : given);
  } catch {
    return given;
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
