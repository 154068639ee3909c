import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Decide, lookupOf } from './destination.ts';
import { authorized, upstreamFor } from './upstream.ts';

/** A plain request: `GET http://host/path`. The host is the one of the URL, whatever the header says. */
export const forward = async (
  request: IncomingMessage,
  response: ServerResponse,
  decide: Decide,
): Promise<void> => {
  const url = URL.parse(request.url ?? '');
  if (url?.protocol !== 'http:' || url.hostname === '') {
    return say(response, 400, 'a proxy takes whole URLs of http, and CONNECT');
  }
  const port = Number(url.port || 80);
  const to = await decide(url.hostname, port);
  if ('refused' in to) return say(response, 403, `refused: ${to.refused}`);
  const upstream = upstreamFor('http', url.hostname, port);
  if ('unknown' in to && upstream === undefined) return say(response, 502, to.unknown);
  const headers = { ...endToEnd(request), host: url.host };
  const asked = ask(
    upstream === undefined
      ? {
          ...{ host: 'host' in to ? to.host : '', port, path: url.pathname + url.search, headers },
          lookup: lookupOf('addresses' in to ? to.addresses : []),
          ...{ method: request.method, agent: false, setHost: false },
        }
      : {
          ...{ host: upstream.host, port: upstream.port, path: url.href },
          headers: { ...headers, ...authorized(upstream) },
          ...{ method: request.method, agent: false, setHost: false },
        },
  );
  asked.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer));
    answer.pipe(response);
    answer.once('error', () => response.destroy());
  });
  asked.on('error', ({ message }) => say(response, 502, message));
  response.once('close', () => asked.destroy());
  request.pipe(asked);
};

const say = (response: ServerResponse, status: number, text: string): void => {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${text}\n`);
};

const hop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Headers that are for the other end: not those of one connection, nor what `Connection` names. */
const endToEnd = ({ headers }: IncomingMessage): Record<string, string | string[]> => {
  const named = (headers.connection ?? '').toLowerCase().split(/[\s,]+/);
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string | string[]] =>
        entry[1] !== undefined && !hop.includes(entry[0]) && !named.includes(entry[0]),
    ),
  );
};
