/** The JSON object in a reply: the whole of it, the block that it stands in, or the first that is balanced. */
export const jsonIn = (reply: string): { readonly value: unknown } | { readonly fault: string } => {
  const text = reply.replace(/^\uFEFF/, '').trim();
  if (text === '') return { fault: 'the reply is empty' };
  const fenced = /```(?:json|JSON)?[^\S\n]*\n([\s\S]*?)\n?```/.exec(text)?.[1];
  const candidates = [text, fenced, balanced(text)].filter((one) => one !== undefined);
  let fault = 'the reply holds no JSON object';
  for (const candidate of candidates) {
    try {
      const value: unknown = JSON.parse(candidate);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value };
    } catch (error) {
      if (candidate.startsWith('{')) fault = `the JSON cannot be read: ${(error as Error).message}`;
    }
  }
  return { fault: fault.slice(0, 400) };
};

/** From the first brace to the one that closes it; to the end when none does. */
const balanced = (text: string): string | undefined => {
  const start = text.indexOf('{');
  if (start < 0) return;
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return text.slice(start, at + 1);
  }
  return text.slice(start);
};
