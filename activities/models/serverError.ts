export interface Overflow {
  readonly prompt: number | undefined;
  /** What one request gets, as the server says. */
  readonly context: number | undefined;
}

/** What a server says went wrong, in whatever form it says it. */
export interface ServerError {
  readonly message: string;
  readonly type: string;
  readonly code: string;
  readonly promptTokens: number | undefined;
  readonly context: number | undefined;
}

/** `{"error":{…}}` as of OpenAI, `{"error":"…"}` as of Ollama, `{"object":"error","message":…}` as of older vLLM, or text. */
export const readError = (body: string): ServerError => {
  const plain: ServerError = {
    message: body,
    type: '',
    code: '',
    promptTokens: undefined,
    context: undefined,
  };
  try {
    const parsed: unknown = JSON.parse(body);
    const error = isRecord(parsed) && 'error' in parsed ? parsed['error'] : parsed;
    if (typeof error === 'string') return { ...plain, message: error };
    if (!isRecord(error)) return plain;
    return {
      message: String(error['message'] ?? error['detail'] ?? body),
      type: String(error['type'] ?? ''),
      code: String(error['code'] ?? ''),
      promptTokens: numberOf(error['n_prompt_tokens']),
      context: numberOf(error['n_ctx']),
    };
  } catch {
    return plain;
  }
};

/** Whether it means that the prompt does not fit, with the numbers that it names. */
export const readOverflow = (error: ServerError): Overflow | undefined => {
  if (error.type === 'exceed_context_size_error')
    return { prompt: error.promptTokens, context: error.context };
  const vllm = /maximum context length is (\d+)(?:[^.]*\. However, you requested (\d+))?/i.exec(
    error.message,
  );
  if (vllm !== null) return { context: numberOf(Number(vllm[1])), prompt: numberOf(Number(vllm[2])) };
  const known =
    error.code === 'context_length_exceeded' ||
    /exceeds the context length|longer than the context length|context (size|length|window).*exceed/i.test(
      error.message,
    );
  return known ? { prompt: undefined, context: undefined } : undefined;
};

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
