import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';

/**
 * `fetch` over node:http. The built-in fetch gives up when headers take longer than 300 s, and model servers send
 * theirs with the first token, after queue, load and prompt: minutes on an owned machine. Here only the caller's signal
 * ends a request. A fresh connection each time: servers close idle ones after 5 s, and a call that dies on a
 * stale socket looks like a dead host. Redirects are not followed.
 */
export const patientFetch = async (
  input: string | URL | Request,
  init: RequestInit = {},
): Promise<Response> => {
  const url = new URL(input instanceof Request ? input.url : input);
  const headers = Object.fromEntries(new Headers(init.headers).entries());
  const body = typeof init.body === 'string' ? init.body : undefined;
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = send(url, {
      method: init.method ?? 'GET',
      agent: false,
      headers: {
        ...headers,
        'accept-encoding': 'identity',
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
      ...(init.signal ? { signal: init.signal } : {}),
    });
    outgoing.once('response', resolve);
    // Not `once`: a socket may report a second error after the first, and an unheard one ends the process.
    outgoing.on('error', reject);
    outgoing.end(body);
  });
  const status = incoming.statusCode ?? 500;
  const bare = status === 204 || status === 304;
  if (bare) incoming.resume();
  return new Response(bare ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>), {
    status,
    headers: flat(incoming),
  });
};

const flat = (incoming: IncomingMessage): [string, string][] =>
  Object.entries(incoming.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as [string, string]],
  );

/** The first `limit` bytes of a body as text; the rest is not read. Never throws: what came is what there is. */
export const readHead = async (response: Response, limit = 64 * 1024): Promise<string> => {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      text += decoder.decode(chunk, { stream: true });
      if (bytes >= limit) break;
    }
  } catch {
    // A body that breaks off is still evidence.
  }
  return text;
};
