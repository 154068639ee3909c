import { oneLine } from '../../workflows/domain/text.ts';
import { exitCode } from '../exitCodes.ts';
import { counted } from '../render/amounts.ts';
import { ClientError } from '../trouble.ts';
import type { FoundHost } from './hosts.ts';

/** A person asked for more context than a host gives. */
export const contextTooSmall = (
  hosts: readonly FoundHost[],
  { model, wanted, given }: { readonly model: string; readonly wanted: number; readonly given: number },
): ClientError =>
  new ClientError(exitCode.failed, {
    type: 'ContextTooSmall',
    what: `Model ${oneLine(model)} gets ${given} tokens of context, not ${wanted}.`,
    evidence: hosts.map(({ entry, server }) => `${entry.name}: ${server.url}`).join(', '),
    next: `Say --context ${given}, or start the server with more: OLLAMA_CONTEXT_LENGTH=${wanted} for Ollama, -c for llama.cpp, --max-model-len for vLLM.`,
  });

/** A person named a model that nobody serves. */
export const modelMissing = (name: string, hosts: readonly FoundHost[]): ClientError => {
  const names = hosts.flatMap(({ server }) => server.models.map((model) => model.name));
  return new ClientError(exitCode.badInput, {
    type: 'ModelMissing',
    what: `No host has the model ${oneLine(name)}.`,
    evidence: `they have: ${
      names
        .slice(0, 20)
        .map((one) => oneLine(one))
        .join(', ') || 'none'
    }`,
    next: hosts.some(({ server }) => server.kind === 'ollama')
      ? `Name one of these with --model, or fetch it on the host: ollama pull ${oneLine(name)}`
      : 'Name one of these with --model.',
  });
};

/** Servers answer, but have nothing that writes. */
export const noModels = (hosts: readonly FoundHost[]): ClientError =>
  new ClientError(exitCode.failed, {
    type: 'NoModels',
    what: 'The model servers that answer have no model that writes text.',
    evidence: hosts
      .map(({ server }) => `${server.url}: ${counted(server.models.length, 'model')}`)
      .join('; '),
    next: 'Give one a model, for Ollama: ollama pull qwen2.5-coder:14b. Then say this command again.',
  });
