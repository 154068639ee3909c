import type { HostKind } from '../../workflows/domain/host/model.ts';

/** A model as its server describes it. */
export interface ServedModel {
  readonly name: string;
  /** Of its weights; undefined when the server does not say. */
  readonly bytes: number | undefined;
  /** Tokens that one request gets; undefined when the server tells only of what is loaded, or not at all. */
  readonly context: number | undefined;
  /** Tokens that the model was made for. */
  readonly trained: number | undefined;
  readonly loaded: boolean;
  /** False for embeddings and the like. */
  readonly writes: boolean;
}

/** A server that serves models, as it was found. */
export interface ModelServer {
  /** Base URL without a path. */
  readonly url: string;
  /** What nobody has configured is never told by commands. */
  readonly kind: Exclude<HostKind, 'command'>;
  /** What it is, in a word or two: `Ollama 0.17.4`, `llama.cpp`, `vLLM`. */
  readonly software: string;
  /** Calls at once, where the server says. */
  readonly slots: number | undefined;
  readonly models: readonly ServedModel[];
}

/** What is at an address. */
export type Look =
  | { readonly found: 'server'; readonly server: ModelServer }
  /** Nobody listens, or nobody answers. */
  | { readonly found: 'nothing'; readonly evidence: string }
  /** It wants a key, or another one. */
  | { readonly found: 'locked'; readonly evidence: string }
  /** Something that is no model server. */
  | { readonly found: 'stranger'; readonly evidence: string };

/** Names of models that do not write text. */
export const isForVectors = (name: string): boolean =>
  /embed|rerank|\bbge\b|\bgte\b|\be5\b|whisper|\bclip\b|minilm/i.test(name);
