import { ollamaVersion } from '../../workflows/domain/host/modelServer.ts';
import { askServer } from './ask.ts';
import { lookAtOllama } from './ollama.ts';
import { lookAtOpenAi } from './openai.ts';
import type { Look, ModelServer } from './server.ts';

/** Where model servers listen unless somebody says otherwise: Ollama, llama.cpp, vLLM, LM Studio. */
export const usualPorts = [11_434, 8_080, 8_000, 1_234] as const;

/** Finds out what is at an address, by questions that load nothing and change nothing. */
export const lookAtServer = async (
  url: string,
  apiKey: string | undefined,
  timeoutMs = 10_000,
): Promise<Look> => {
  const answer = await askServer({ url, path: '/api/version', apiKey, timeoutMs });
  if (answer.status === undefined) return { found: 'nothing', evidence: `GET ${url}: ${answer.text}` };
  // LM Studio answers 200 to any path, but names no version.
  const version = ollamaVersion(answer.json);
  if (version === undefined) return await lookAtOpenAi(url, apiKey, timeoutMs);
  return { found: 'server', server: await lookAtOllama({ url, apiKey, timeoutMs }, version) };
};

/** The model servers of this machine: on the usual ports, and where `OLLAMA_HOST` points. */
export const findLocalServers = async (
  ports: readonly number[] = usualPorts,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<readonly ModelServer[]> => {
  const named = ollamaHost(env['OLLAMA_HOST']);
  const urls = new Set([
    ...(named === undefined ? [] : [named]),
    ...ports.map((port) => `http://127.0.0.1:${port}`),
  ]);
  const looks = await Promise.all([...urls].map((url) => lookAtServer(url, undefined, 3_000)));
  return looks.flatMap((look) => (look.found === 'server' ? [look.server] : []));
};

/** `OLLAMA_HOST` as Ollama's own client reads it: a host, a port or both, with or without `http://`. */
export const ollamaHost = (text: string | undefined): string | undefined => {
  if (text === undefined || text.trim() === '') return;
  const url = URL.parse(
    /^https?:\/\//.test(text) ? text : `http://${text.trim().replace(/^:/, '127.0.0.1:')}`,
  );
  if (url === null) return;
  // A server listens there on all addresses; nobody can call that one.
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.port === '' && !/:(80|443)\/?$/.test(text)) url.port = '11434';
  return url.origin;
};
