import { close, constants, open } from 'node:fs';
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type LookupFunction, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import type { NetworkRule } from '../../../workflows/domain/network.ts';
import { type Address, type Destination, destinationOf, type Resolve } from './destination.ts';
import { type Upstream, upstreamFor } from './upstream.ts';

/** The one way out of a sandbox: a forward proxy for HTTP, and for everything else that asks for a tunnel (CONNECT). */
export interface Proxy {
  /** The name of its socket. */
  readonly name: string;
  /** Where it listens: a socket in the folder, or a port of the loopback. */
  readonly at: { readonly socket: string } | { readonly port: number };
  /** What was refused so far, each once: `example.com:443 is not on the rig's list`. */
  readonly refused: () => readonly string[];
  readonly close: () => Promise<void>;
}

export interface ProxyRequest {
  readonly rule: NetworkRule;
  /** A folder for its socket; without one it listens on a port of the loopback. */
  readonly folder?: string;
  readonly resolve?: Resolve;
}

/** Most refusals that are kept, and connections that one run may have at a time. */
const most = { refusals: 20, connections: 256 };
const connectMs = 30_000;
const socketName = '.gastown-proxy';

/** Opens a proxy for one run. What it may reach is `rule`; everything else is answered with 403 and noted. */
export const openProxy = async ({ rule, folder, resolve }: ProxyRequest): Promise<Proxy> => {
  const refused = new Set<string>();
  const decide = async (host: string, port: number): Promise<Destination> => {
    const found = await destinationOf(rule, host, port, resolve);
    if ('refused' in found && refused.size < most.refusals) refused.add(found.refused);
    return found;
  };
  const sockets = new Set<Duplex>();
  const server = createServer(
    (request, response) => void forward(request, response, decide).catch(() => response.destroy()),
  );
  server.maxConnections = most.connections;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket));
  });
  server.on('connect', (request, client, head) => {
    void tunnel(request, client, head, decide).catch(() => client.destroy());
  });
  server.on('clientError', (_, socket) => socket.destroy());
  const { at, release } = await listen(server, folder);
  return {
    name: socketName,
    at,
    refused: () => [...refused],
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      await release();
    },
  };
};

type Decide = (host: string, port: number) => Promise<Destination>;

/** A socket's name may have 107 bytes and homes are deep: the descriptor of the folder makes a short one. */
const listen = async (
  server: Server,
  folder: string | undefined,
): Promise<{ readonly at: Proxy['at']; readonly release: () => Promise<void> }> => {
  const began = (path: string | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      if (path === undefined) server.listen(0, '127.0.0.1', () => resolve());
      else server.listen(path, () => resolve());
    });
  if (folder === undefined) {
    await began(undefined);
    const address = server.address();
    return {
      at: { port: typeof address === 'object' && address !== null ? address.port : 0 },
      release: async () => undefined,
    };
  }
  const fd = await promisify(open)(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  await began(`/proc/self/fd/${fd}/${socketName}`);
  // Kept open to the end: closing the server removes the socket by this very name.
  return { at: { socket: join(folder, socketName) }, release: () => promisify(close)(fd) };
};

const tunnel = async (
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
  decide: Decide,
): Promise<void> => {
  client.on('error', () => client.destroy());
  const [, host, digits] = /^(\[[0-9a-f:.]+\]|[^\s:[\]/@]+):(\d{1,5})$/i.exec(request.url ?? '') ?? [];
  if (host === undefined) return refuse(client, '400 Bad Request', 'CONNECT needs host:port');
  const port = Number(digits);
  const to = await decide(host, port);
  if ('refused' in to) return refuse(client, '403 Forbidden', `refused: ${to.refused}`);
  const upstream = upstreamFor('https', host, port);
  if ('unknown' in to && upstream === undefined) return refuse(client, '502 Bad Gateway', to.unknown);
  const far = upstream === undefined ? await reach(to) : await reachBy(upstream, `${host}:${port}`);
  if (typeof far === 'string') return refuse(client, '502 Bad Gateway', `${host}:${port}: ${far}`);
  far.on('error', () => far.destroy());
  client.once('close', () => far.destroy());
  far.once('close', () => client.destroy());
  client.write('HTTP/1.1 200 Connection established\r\n\r\n');
  if (head.length > 0) far.write(head);
  client.pipe(far).pipe(client);
};

const refuse = (client: Duplex, status: string, text: string): void => {
  client.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text) + 1}\r\nConnection: close\r\n\r\n${text}\n`,
  );
};

/** A connection to one of the very addresses that were looked at. */
const reach = (to: Destination): Promise<Socket | string> => {
  if (!('addresses' in to)) return Promise.resolve('no address');
  const socket = connect({ host: to.host, port: to.port, lookup: lookupOf(to.addresses) });
  return new Promise((resolve) => {
    socket.setTimeout(connectMs, () => socket.destroy(new Error('no answer')));
    socket.once('connect', () => resolve(socket.setTimeout(0)));
    socket.once('error', ({ message }) => resolve(message));
  });
};

const lookupOf =
  (addresses: readonly Address[]): LookupFunction =>
  (_, options, answer) => {
    const [first] = addresses;
    if (options.all === true) answer(null, [...addresses]);
    else answer(null, first?.address ?? '', first?.family);
  };

/** A tunnel through the machine's own proxy. */
const reachBy = (upstream: Upstream, target: string): Promise<Socket | string> =>
  new Promise((resolve) => {
    const asked = ask({
      host: upstream.host,
      port: upstream.port,
      method: 'CONNECT',
      path: target,
      agent: false,
      timeout: connectMs,
      headers: { host: target, ...authorized(upstream) },
    });
    asked.once('connect', (response, socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        return resolve(`the proxy of this machine answers ${response.statusCode}`);
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    asked.once('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', ({ message }) => resolve(message)).end();
  });

const authorized = ({ authorization }: Upstream): Record<string, string> =>
  authorization === undefined ? {} : { 'proxy-authorization': authorization };

/** A plain request: `GET http://host/path`. The host is the one of the URL, whatever the header says. */
const forward = async (request: IncomingMessage, response: ServerResponse, decide: Decide): Promise<void> => {
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
