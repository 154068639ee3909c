import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, request, type Server } from 'node:http';
import { connect, createServer, type Server as TcpServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { specialPlace } from '../../../activities/sandbox/network/addresses.ts';
import { destinationOf } from '../../../activities/sandbox/network/destination.ts';
import { openProxy } from '../../../activities/sandbox/network/proxy.ts';
import { upstreamFor } from '../../../activities/sandbox/network/upstream.ts';
import type { NetworkRule } from '../../../workflows/domain/sandbox/network.ts';
import { openPlace, type Place } from './place.ts';
import { workingRungs } from './rungs.ts';

const rungs = await workingRungs();

let place: Place;
let web: Server;
let echo: TcpServer;
let port: number;
let echoPort: number;
const seen: string[] = [];

const listening = (server: Server | TcpServer): Promise<number> =>
  new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    }),
  );

beforeAll(async () => {
  place = openPlace();
  web = createHttp((asked, answer) => {
    seen.push(`${asked.method} ${asked.headers.host} ${asked.url} ${JSON.stringify(asked.headers)}`);
    asked.resume().once('end', () => answer.setHeader('x-kept', 'yes').end('from the web'));
  });
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  port = await listening(web);
  echoPort = await listening(echo);
});
afterAll(() => {
  web.close();
  echo.close();
  place.remove();
});

describe('where an address leads', () => {
  test.each([
    ...[
      '127.0.0.1',
      '127.8.9.1',
      '0.0.0.0',
      '::1',
      '::',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '10.1.2.3',
      '172.16.0.1',
    ],
    ...[
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      'fe80::1',
      'fd00::2',
      'fc00::1',
      '224.0.0.1',
    ],
    ...['255.255.255.255', '192.0.0.8', '::ffff:10.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', 'ff02::1'],
    ...['2001:db8::1', 'not an address', '127.1', '0x7f000001'],
  ])('G9: %s is not public', (address) => {
    expect(specialPlace(address)).toBeDefined();
  });

  test.each(['93.184.215.14', '1.1.1.1', '172.32.0.1', '2606:2800:21f:cb07::1'])('%s is', (address) => {
    expect(specialPlace(address)).toBeUndefined();
  });

  test('G9: what this machine calls its own counts as this machine', () => {
    const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    for (const { address } of own) expect(specialPlace(address.replace(/%.*/, ''))).toBeDefined();
    for (const { address, family, netmask } of own) {
      if (family !== 'IPv4' || netmask !== '255.255.255.0') continue;
      expect(specialPlace(address.replace(/\d+$/, '77'))).toBeDefined();
    }
  });

  test.each(['198.18.0.7', '203.0.113.80'])(
    'an address by which traffic is redirected is outside: %s',
    (address) => {
      const isNeighbour = specialPlace(address) === 'is a private address';
      expect(isNeighbour ? undefined : specialPlace(address)).toBeUndefined();
    },
  );
});

describe('a destination', () => {
  const resolve = (address: string) => async () => [{ address, family: address.includes(':') ? 6 : 4 }];

  test('G9: a name outside the list is not even looked up', async () => {
    const asked: string[] = [];
    const found = await destinationOf(['a.org'], 'secret.evil.org', 443, async (host) => {
      asked.push(host);
      return [{ address: '1.1.1.1', family: 4 }];
    });
    expect(found).toEqual({ refused: "secret.evil.org:443 is not on the rig's list" });
    expect(asked).toEqual([]);
  });

  test('G9: a listed name that leads inside is refused, by every one of its addresses', async () => {
    for (const address of ['127.0.0.1', '10.0.0.5', '169.254.169.254', '::1']) {
      expect(await destinationOf(['a.org'], 'a.org', 443, resolve(address))).toEqual({
        refused: expect.stringContaining(`a.org:443: ${address}`),
      });
    }
    const both = async () => [
      { address: '1.1.1.1', family: 4 },
      { address: '192.168.0.1', family: 4 },
    ];
    expect(await destinationOf(true, 'a.org', 443, both)).toHaveProperty('refused');
  });

  test('an address that the list names itself may be one inside; a wildcard names none', async () => {
    expect(await destinationOf(['a.org', '10.0.0.5'], 'a.org', 443, resolve('10.0.0.5'))).toHaveProperty(
      'addresses',
    );
    expect(await destinationOf(['10.0.0.5:8080'], '10.0.0.5', 8080)).toHaveProperty('addresses');
    expect(await destinationOf(['*'], '10.0.0.5', 80)).toHaveProperty('refused');
    expect(await destinationOf(true, '127.0.0.1', 80)).toHaveProperty('refused');
    expect(await destinationOf(['10.0.0.5:8080'], '10.0.0.5', 8081)).toHaveProperty('refused');
  });

  test('G9: numbers that a resolver takes for addresses are looked at as what they become', async () => {
    for (const host of ['127.1', '2130706433', '0x7f.1', '0177.0.0.1', 'localhost', 'LOCALHOST.']) {
      const found = await destinationOf(true, host, 80);
      expect('addresses' in found, host).toBe(false);
    }
  });
});

test('the machine’s own proxy is found by its variables, as curl reads them', () => {
  const env = { HTTPS_PROXY: 'http://me:p%40ss@proxy.corp:3128', no_proxy: 'localhost,.corp, 10.0.0.1' };
  expect(upstreamFor('https', 'a.org', 443, env)).toEqual({
    ...{ host: 'proxy.corp', port: 3128 },
    authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
  });
  expect(upstreamFor('https', 'git.corp', 443, env)).toBeUndefined();
  expect(upstreamFor('https', '10.0.0.1', 443, env)).toBeUndefined();
  expect(upstreamFor('http', 'a.org', 80, env)).toBeUndefined();
});

describe('the proxy', () => {
  const opened = (rule: NetworkRule) => openProxy({ rule });
  const ask = (
    at: number,
    options: object,
  ): Promise<{ status: number | undefined; body: string; kept: unknown }> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: at, ...options }, (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (chunk) => {
          body += chunk;
        });
        answer.once('end', () =>
          resolve({ status: answer.statusCode, body, kept: answer.headers['x-kept'] }),
        );
      });
      asked.once('connect', (answer, socket) => {
        socket.destroy();
        resolve({ status: answer.statusCode, body: '', kept: undefined });
      });
      asked.once('error', reject).end();
    });
  const portOf = (at: object): number => ('port' in at ? Number(at.port) : 0);

  test('carries plain requests to the host of the URL, without what is meant for a proxy', async () => {
    const proxy = await opened([`127.0.0.1:${port}`]);
    const answer = await ask(portOf(proxy.at), {
      path: `http://127.0.0.1:${port}/a?b=c`,
      headers: {
        host: 'evil.org',
        'proxy-authorization': 'Basic x',
        connection: 'x-hop',
        'x-hop': '1',
        'x-stays': '2',
      },
    });
    expect(answer).toEqual({ status: 200, body: 'from the web', kept: 'yes' });
    expect(seen.at(-1)).toContain(`GET 127.0.0.1:${port} /a?b=c`);
    expect(seen.at(-1)).toContain('x-stays');
    expect(seen.at(-1)).not.toMatch(/evil|proxy-auth|x-hop/);
    await proxy.close();
  });

  test('G9: refuses what is not listed with 403, and remembers each once', async () => {
    const proxy = await opened([`127.0.0.1:${port}`]);
    const at = portOf(proxy.at);
    for (const path of ['http://example.com/', 'http://example.com/again'])
      expect((await ask(at, { path })).status).toBe(403);
    expect((await ask(at, { method: 'CONNECT', path: 'example.com:443' })).status).toBe(403);
    expect((await ask(at, { method: 'CONNECT', path: `127.0.0.1:${echoPort}` })).status).toBe(403);
    expect((await ask(at, { method: 'CONNECT', path: `127.0.0.1:${port}` })).status).toBe(200);
    expect(proxy.refused()).toEqual([
      "example.com:80 is not on the rig's list",
      "example.com:443 is not on the rig's list",
      `127.0.0.1:${echoPort} is not on the rig's list`,
    ]);
    await proxy.close();
  });

  test('goes by the proxy of this machine where there is one, after its own list, with the key that stays outside', async () => {
    const heard: string[] = [];
    const note = ({ method, url, headers }: IncomingMessage): void => {
      heard.push(`${method} ${url} ${headers['proxy-authorization']}`);
    };
    const upstream = createHttp((asked, answer) => {
      note(asked);
      answer.end('by the upstream');
    });
    upstream.on('connect', (asked, socket) => {
      note(asked);
      const refuses = asked.url === 'closed.example.org:443';
      socket.end(`HTTP/1.1 ${refuses ? '403 No' : '200 OK'}\r\n\r\n`);
    });
    const at = `http://me:planted@127.0.0.1:${await listening(upstream)}`;
    const key = `Basic ${Buffer.from('me:planted').toString('base64')}`;
    Object.assign(process.env, { http_proxy: at, https_proxy: at });
    // Behind such a proxy a machine often knows no names of the world.
    const rule = ['open.example.org', 'closed.example.org'];
    const proxy = await openProxy({ rule, resolve: async () => Promise.reject(new Error('no names here')) });
    try {
      const { body } = await ask(portOf(proxy.at), { path: 'http://open.example.org/a' });
      expect(body).toBe('by the upstream');
      const tunnels = ['open.example.org:443', 'closed.example.org:443', 'evil.example.org:443'];
      const statuses = [];
      for (const path of tunnels)
        statuses.push((await ask(portOf(proxy.at), { method: 'CONNECT', path })).status);
      expect(statuses).toEqual([200, 502, 403]);
      expect(heard).toEqual([
        `GET http://open.example.org/a ${key}`,
        `CONNECT open.example.org:443 ${key}`,
        `CONNECT closed.example.org:443 ${key}`,
      ]);
    } finally {
      delete process.env.http_proxy;
      delete process.env.https_proxy;
      await proxy.close();
      upstream.close();
    }
  });

  test('what is no request of a proxy is answered, and harms nothing', async () => {
    const proxy = await opened(true);
    const at = portOf(proxy.at);
    for (const path of ['/', 'ftp://example.com/', 'http:///', 'https://example.com/']) {
      expect((await ask(at, { path })).status).toBe(400);
    }
    for (const path of ['example.com', 'a b:1', 'user@host:443', 'host:99999999']) {
      expect(
        (await ask(at, { method: 'CONNECT', path: path.replaceAll(' ', '%20') })).status,
      ).toBeGreaterThanOrEqual(400);
    }
    await new Promise<void>((resolve) => {
      const socket = connect(at, '127.0.0.1', () => socket.write('\0\x01 garbage\r\n\r\n'));
      socket
        .once('close', () => resolve())
        .on('error', () => undefined)
        .resume();
    });
    expect((await ask(at, { path: 'http://127.0.0.1/' })).status).toBe(403);
    await proxy.close();
  });

  test('listens in a folder however deep, where a socket’s name would be too long', async () => {
    const top = realpathSync(mkdtempSync(join(tmpdir(), 'gastown-deep-')));
    const folder = join(top, 'a'.repeat(100), 'b'.repeat(100));
    mkdirSync(folder, { recursive: true });
    const proxy = await openProxy({ rule: true, folder });
    expect('socket' in proxy.at && proxy.at.socket.startsWith(folder)).toBe(true);
    await proxy.close();
    rmSync(top, { recursive: true });
  });
});

describe.each(rungs.map((rung) => [rung.name, rung] as const))('G9: in %s', (_, rung) => {
  const fetching = (url: string) =>
    `fetch(${JSON.stringify(url)}).then(async (answer) => { console.log(answer.status, (await answer.text()).trim()); process.exit(answer.ok ? 0 : 1); }, (error) => { console.log(String(error.cause ?? error)); process.exit(1); })`;

  test('a listed service of this machine is reached from its own port, by clients that know of no proxy', async () => {
    const program = `const socket = require('node:net').connect(${echoPort}, '127.0.0.1', () => socket.write('hello'));
      socket.once('data', (data) => { console.log(String(data)); process.exit(0); }).once('error', (error) => { console.log(error.code); process.exit(1); });`;
    const allowed = await place.node(rung, program, { network: [`localhost:${echoPort}`] });
    expect(allowed).toMatchObject({ exitCode: 0, output: 'hello\n', notes: [] });
    const other = await place.node(rung, program, { network: [`localhost:${port}`] });
    expect(other).toMatchObject({ exitCode: 1, output: 'ECONNREFUSED\n' });
  });

  test('G10: a host that is not listed is refused, and the run says which', async () => {
    const result = await place.node(rung, fetching('http://example.com/'), {
      network: ['registry.example.org'],
    });
    expect(result.exitCode).toBe(1);
    expect(result.notes).toEqual(["refused: example.com:80 is not on the rig's list"]);
    const secure = await place.node(rung, fetching('https://example.com/'), {
      network: ['registry.example.org'],
    });
    expect(secure.notes).toEqual(["refused: example.com:443 is not on the rig's list"]);
  });

  test('the environment names the town’s proxy, and never the one of this machine with its password', async () => {
    process.env.HTTPS_PROXY = 'http://me:planted@proxy.example.org:3128';
    try {
      const { output } = await place.run(rung, 'env', { network: ['registry.example.org'] });
      for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']) {
        expect(output).toContain(`${name}=http://127.0.0.1:3128\n`);
      }
      expect(output).toMatch(/^no_proxy=localhost,/m);
      expect(output).not.toContain('planted');
      expect((await place.run(rung, 'env')).output).not.toMatch(/_proxy=/i);
    } finally {
      delete process.env.HTTPS_PROXY;
    }
  });

  test('curl, as most tools, goes by the proxy that the sandbox sets', async () => {
    const result = await place.run(
      rung,
      'command -v curl >/dev/null || { echo "403 refused"; exit 0; }; curl -s -w " %{http_code}" http://example.com/; curl -s https://example.com/; echo " $?"',
      { network: ['registry.example.org'] },
    );
    expect(result.output).toContain('403');
    expect(result.output).toContain('refused');
  });

  test('with every public host allowed, this machine and the net around it stay out of reach', async () => {
    const lan = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
    const targets = [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `169.254.169.254:80`,
      ...(lan === undefined ? [] : [`${lan}:${port}`]),
    ];
    const before = seen.length;
    const { output, notes } = await place.node(
      rung,
      `const http = require('node:http');
       const ask = (target) => new Promise((done) => http.request({ host: '127.0.0.1', port: 3128, path: 'http://' + target + '/' }, (answer) => { answer.resume(); done(answer.statusCode); }).on('error', (e) => done(e.code)).end());
       Promise.all(${JSON.stringify(targets)}.map(ask)).then((all) => { console.log(all.join(' ')); process.exit(0); });`,
      { network: true },
    );
    expect(output).toBe(`${targets.map(() => '403').join(' ')}\n`);
    expect(notes).toHaveLength(targets.length);
    expect(seen.length).toBe(before);
  });

  test('what a command does to its relay and to the socket harms itself alone', async () => {
    const result = await place.run(
      rung,
      'rm -f /tmp/.gastown-proxy; ln -s /etc/passwd /tmp/.gastown-proxy; kill -9 $PPID; sleep 1; echo still here',
      { network: true },
    );
    expect(result.exitCode).toBe(137);
  });

  test('exit codes and signals come through the relay', async () => {
    expect((await place.run(rung, 'echo out; echo err >&2; exit 7', { network: true })).output).toBe(
      'out\nerr\n',
    );
    expect((await place.run(rung, 'exit 7', { network: true })).exitCode).toBe(7);
    expect((await place.run(rung, 'kill -SEGV $$', { network: true })).exitCode).toBe(139);
    expect((await place.run(rung, ['nothing-of-this-name'], { network: true })).exitCode).toBe(127);
  });
});
