import { request as ask, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Decide, type Destination, lookupOf } from './destination.ts';
import { authorized, type Upstream, upstreamFor } from './upstream.ts';

const connectMs = 30_000;

/** Answers one CONNECT: bytes go to and fro between the client and a host that it may reach, whatever they mean. */
export const tunnel = async (
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
