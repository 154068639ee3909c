import { ApplicationFailure } from '@temporalio/common';

/** What Ollama, llama.cpp, vLLM and proxies say when a model, or the way it is served, has no native tools. */
const words =
  /does not support tools|tools? param(?:eter)? requires|tool choice requires|tools? (?:is|are) not supported|unsupported[^.]{0,40}\btools?\b|--jinja/i;

/** Whether a server refused a call only because tools were offered: the same prompt without them may be answered. */
export const refusesTools = (error: unknown): boolean =>
  error instanceof ApplicationFailure &&
  words.test(`${error.message}\n${JSON.stringify(error.details?.[0] ?? '')}`);
