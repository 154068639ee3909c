import { fail } from '../failure.ts';
import type { ChatMessage } from './chat.ts';

const roles: readonly unknown[] = ['system', 'user', 'assistant'];

/** Reads a prompt blob: `{"version":1,"messages":[{"role":"system"|"user"|"assistant","content":string}]}`. */
export const readPrompt = (text: string, ref: string): readonly ChatMessage[] => {
  const prompt = parse(text);
  const messages = isPrompt(prompt) ? prompt.messages : [];
  if (messages.length > 0 && messages.every(isMessage)) return messages;
  throw fail('BlobMissing', {
    what: `The text ${ref.slice(0, 12)} is not a prompt.`,
    evidence: text.slice(0, 200),
    next: 'A worker of another version may have written it: start all workers from the same version.',
  });
};

/** Which wording of the templates a prompt was made with, where it says so. */
export const readTemplate = (text: string): { readonly template?: string } => {
  const prompt = parse(text);
  return isPrompt(prompt) && 'template' in prompt && typeof prompt.template === 'string'
    ? { template: prompt.template }
    : {};
};

/** Tools that the prompt offers, as the server is to be sent them; none where it says nothing of them. */
export const readTools = (text: string): readonly object[] => {
  const prompt = parse(text);
  if (!isPrompt(prompt) || !('tools' in prompt) || !Array.isArray(prompt.tools)) return [];
  return prompt.tools.filter((tool) => typeof tool === 'object' && tool !== null);
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return;
  }
};

const isPrompt = (value: unknown): value is { messages: readonly unknown[] } =>
  typeof value === 'object' &&
  value !== null &&
  'version' in value &&
  value.version === 1 &&
  'messages' in value &&
  Array.isArray(value.messages);

const isMessage = (value: unknown): value is ChatMessage =>
  typeof value === 'object' &&
  value !== null &&
  'role' in value &&
  roles.includes(value.role) &&
  'content' in value &&
  typeof value.content === 'string';
