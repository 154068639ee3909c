/** Characters a token, for code; the usual rule where no tokenizer is at hand. */
const charsPerToken = 3.3;

export const estimateTokens = (chars: number): number => Math.ceil(chars / charsPerToken);

/** Characters that fit into so many tokens. */
export const charsIn = (tokens: number): number => Math.max(0, Math.floor(tokens * charsPerToken));

/** What tools add to a prompt, by our rule; every server writes them down in its own way, and some not at all. */
export const toolTokens = (tools: readonly object[] | undefined): number =>
  tools === undefined || tools.length === 0 ? 0 : estimateTokens(JSON.stringify(tools).length);

/** Learns how far one model's own counts are from our estimates, and tells when a prompt was cut silently. */
export interface TokenGauge {
  /** What the server will count for a prompt that we estimate at `estimate` tokens. */
  expected(estimate: number): number;
  /** Whether a reported count shows that the server read only a part of the prompt. */
  wasCut(estimate: number, reported: number): boolean;
  /** A count of a prompt that was read whole. */
  learn(estimate: number, reported: number): void;
}

/** Calls after which our estimate counts as calibrated. */
const calibratedAfter = 3;

export const createTokenGauge = (): TokenGauge => {
  let ratio = 1;
  let calls = 0;
  let largest = 0;
  const expected = (estimate: number): number => estimate * ratio;

  return {
    expected,
    wasCut(estimate, reported) {
      // Short prompts are never cut, and a template's own tokens weigh too much in them.
      if (estimate < 200) return false;
      // As large a prompt was read whole before.
      if (expected(estimate) <= largest) return false;
      return reported < expected(estimate) * (calls >= calibratedAfter ? 0.8 : 0.5);
    },
    learn(estimate, reported) {
      if (estimate <= 0 || reported <= 0) return;
      ratio = calls === 0 ? reported / estimate : ratio + 0.3 * (reported / estimate - ratio);
      calls += 1;
      largest = Math.max(largest, reported);
    },
  };
};
