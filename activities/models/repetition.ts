/** Characters of exact repetition at the end of a reply that no real code or prose has. */
const window = 6_000;
const longestPeriod = 600;

/** Whether the end of a text repeats a piece of at most 600 characters over and over, for 6,000 characters. */
export const repeatsItself = (text: string): boolean => {
  if (text.length < window) return false;
  return shortestPeriod(text.slice(-window)) <= longestPeriod;
};

/** The smallest p with text[i] = text[i - p] for all i >= p (Knuth, Morris and Pratt's failure function). */
export const shortestPeriod = (text: string): number => {
  const border = new Int32Array(text.length);
  let length = 0;
  for (let at = 1; at < text.length; at += 1) {
    while (length > 0 && text.charCodeAt(at) !== text.charCodeAt(length)) length = border[length - 1] ?? 0;
    if (text.charCodeAt(at) === text.charCodeAt(length)) length += 1;
    border[at] = length;
  }
  return text.length - length;
};
