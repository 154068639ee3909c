import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** A port of this machine that nobody has, nor the `more` after it. */
export const freePort = async (more = 0): Promise<number> => {
  for (;;) {
    const first = createServer().listen(0, '127.0.0.1');
    await once(first, 'listening');
    const { port } = first.address() as { port: number };
    const rest = Array.from({ length: more }, (_, index) =>
      createServer().listen(port + index + 1, '127.0.0.1'),
    );
    const free = await Promise.all(rest.map(listens));
    await Promise.all([first, ...rest].map((one) => new Promise((resolve) => one.close(resolve))));
    if (free.every(Boolean)) return port;
  }
};

const listens = (server: Server): Promise<boolean> =>
  new Promise((resolve) => {
    server.once('listening', () => resolve(true)).once('error', () => resolve(false));
  });
