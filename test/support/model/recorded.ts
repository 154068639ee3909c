import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One recorded exchange with a real model server. */
export interface Exchange {
  readonly note?: string;
  readonly request: { readonly method: string; readonly path: string; readonly body?: unknown };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly text?: string;
    readonly body?: unknown;
  };
  /** How the recorder's own reading broke off. */
  readonly read_error?: string | null;
  readonly stream_tail?: string;
}

const folder = new URL('../../fixtures/model-servers/', import.meta.url);

/** `name` as `ollama/chat-stream`. */
export const readExchange = async (name: string): Promise<Exchange> =>
  JSON.parse(await readFile(new URL(`${name}.json`, folder), 'utf8')) as Exchange;

/** The recorded answer as it went over the wire; events that the recorder left out are the last one again. */
const bytesOf = ({ response }: Exchange): string => {
  const text = response.text ?? (response.body === undefined ? '' : JSON.stringify(response.body));
  return text.replace(/(data: [^\n]*)\n\n: (\d+) events left out\n/g, (_, event: string, count: string) =>
    `${event}\n\n`.repeat(Number(count) + 1),
  );
};

/** Serves recorded answers by path over real HTTP. `break`: the connection breaks after the last byte, without an end. */
export const serveRecorded = async (
  answers: Readonly<Record<string, Exchange>>,
  options: { break?: boolean } = {},
) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const path = request.url ?? '';
      asked.push(`${request.method} ${path}`);
      const exchange = answers[`${request.method} ${path}`] ?? answers[path];
      if (exchange === undefined) {
        response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found');
        return;
      }
      const { status, headers } = exchange.response;
      response.writeHead(status, { 'content-type': headers['content-type'] ?? 'text/plain' });
      if (options.break !== true) response.end(bytesOf(exchange));
      else response.write(bytesOf(exchange), () => response.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
