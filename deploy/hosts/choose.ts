import { slugFrom } from '../input/slug.ts';
import type { ServedModel } from './server.ts';

/** Tokens of context that a polecat needs for a task, a few files and a reply. */
export const goodContext = 16_384;
/** More than this in one prompt costs minutes on a machine that people own, and helps few models. */
const mostContext = 131_072;
/** Weights of more bytes than this rarely fit what people own. */
const largeBytes = 50 * 1024 ** 3;

/** The models that can write, best first: made for code, in memory already, then the largest that is not huge. */
export const bestFirst = (models: readonly ServedModel[]): readonly ServedModel[] =>
  models
    .filter(({ writes }) => writes)
    .toSorted(
      (a, b) =>
        skill(b) - skill(a) ||
        Number(b.loaded) - Number(a.loaded) ||
        weight(b) - weight(a) ||
        (a.name < b.name ? -1 : 1),
    );

/** What a model entry may promise: what the server gives, within what makes sense. */
export const promisedContext = (given: number): number => Math.min(given, mostContext);

/** Most tokens of one reply: a quarter of the context, so that prompts keep the most of it. */
export const replyTokens = (context: number): number =>
  Math.max(512, Math.min(16_384, Math.floor(context / 4)));

/** The context to ask for when a server gives too little; undefined when the model was not made for more. */
export const betterContext = (
  given: number,
  trained: number | undefined,
  wanted = goodContext,
): number | undefined => {
  if (given >= wanted || trained === undefined) return;
  const better = Math.min(wanted, trained);
  return better > given ? better : undefined;
};

/** A key for gastown.yaml: `qwen3-coder:30b` → `qwen3-coder-30b`, `/models/tiny.gguf` → `tiny`. */
export const keyFor = (name: string, otherwise: string): string => {
  const last =
    name
      .replace(/:latest$/, '')
      .split('/')
      .at(-1) ?? '';
  const slug = slugFrom(last.replace(/\.gguf$/i, ''));
  return slug === '' ? otherwise : slug;
};

/** The first of `name`, `name-2`, `name-3`, … that is free. */
export const freeKey = (name: string, taken: ReadonlySet<string>): string => {
  for (let number = 1; ; number += 1) {
    const key = number === 1 ? name : `${name.slice(0, 36)}-${number}`;
    if (!taken.has(key)) return key;
  }
};

const skill = ({ name, bytes }: ServedModel): number => {
  const small = bytes !== undefined && bytes < 1024 ** 3 ? -1 : 0;
  if (/cod(e|er|estral)|devstral|starcoder/i.test(name)) return 2 + small;
  return (/gpt-oss|qwen|deepseek|glm|mistral|llama|gemma/i.test(name) ? 1 : 0) + small;
};

const weight = ({ bytes = 0 }: ServedModel): number => (bytes > largeBytes ? -bytes : bytes);
