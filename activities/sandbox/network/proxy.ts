import { close, constants, open } from 'node:fs';
import { createServer } from 'node:http';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import type { NetworkRule } from '../../../workflows/domain/sandbox/network.ts';
import { type Decide, destinationOf, type Resolve } from './destination.ts';
import { forward } from './forward.ts';
import { tunnel } from './tunnel.ts';

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
const socketName = '.gastown-proxy';

/** Opens a proxy for one run. What it may reach is `rule`; everything else is answered with 403 and noted. */
export const openProxy = async ({ rule, folder, resolve }: ProxyRequest): Promise<Proxy> => {
  const refused = new Set<string>();
  const decide: Decide = async (host, port) => {
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
