import { createServer } from 'node:net';

export const loopback = '127.0.0.1';

/** A port of this machine that nobody listens on: the wanted one when it is free, else any. Loopback only. */
export const freePort = async (wanted?: number): Promise<number> =>
  (wanted === undefined ? undefined : await claim(wanted)) ?? (await anyPort());

/**
 * Below the ports that systems give to outgoing connections: one of those could take ours while a killed server is away,
 * even a worker's own attempt to reach it, and then the server would come back elsewhere.
 */
const anyPort = async (): Promise<number> => {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = await claim(lowest + Math.floor(Math.random() * (highest - lowest)));
    if (port !== undefined) return port;
  }
  throw new Error(`no free port on ${loopback}`);
};

const lowest = 15_000;
const highest = 32_000;

/** Listens for a moment, since the system alone knows. Undefined when the port is taken or not ours to use. */
const claim = async (port: number): Promise<number | undefined> =>
  await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host: loopback, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
