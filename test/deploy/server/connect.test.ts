import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { connectClient, externalCluster, plainCluster } from '../../../deploy/server/connect.ts';
import { ensureNamespace, ensureSearchAttributes } from '../../../deploy/server/namespace.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const toml = async (text: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'gastown-connect-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'temporal.toml'), text);
  return join(folder, 'temporal.toml');
};

test('an external cluster is found as Temporal’s own command line finds it: variables over a profile of the TOML file', async () => {
  const configFile = await toml(
    '[profile.prod]\naddress = "cluster.example:7233"\nnamespace = "agents"\napi_key = "secret"\n[profile.prod.tls]\n',
  );
  expect(externalCluster({ configFile, profile: 'prod' }, 'gastown-x')).toMatchObject({
    namespace: 'agents',
    connection: { address: 'cluster.example:7233', apiKey: 'secret' },
  });
  vi.stubEnv('TEMPORAL_ADDRESS', 'other.example:7233');
  expect(externalCluster({ configFile, profile: 'prod' }, 'gastown-x').connection.address).toBe(
    'other.example:7233',
  );
});

test('the town’s own settings win, and its own namespace is the fallback', async () => {
  const configFile = await toml('[profile.default]\naddress = "cluster.example:7233"\n');
  expect(externalCluster({ configFile }, 'gastown-x').namespace).toBe('gastown-x');
  expect(externalCluster({ configFile, address: 'a.example:1', namespace: 'n' }, 'gastown-x')).toMatchObject({
    namespace: 'n',
    connection: { address: 'a.example:1' },
  });
});

test('G10: a TOML file that cannot be read is named with what is wrong', async () => {
  const configFile = await toml('[profile.default\n');
  expect(() => externalCluster({ configFile }, 'gastown-x')).toThrow(
    /cannot be read[\s\S]*Next: .*temporal config list/,
  );
});

test('where only an administrator may register, the very command is returned and nothing throws', async () => {
  const client = await connectClient(plainCluster(await forbiddingServer(), 'agents'));
  onTestFinished(() => client.connection.close());
  expect(await ensureNamespace(client, 'agents')).toEqual({
    command: 'temporal operator namespace create --namespace agents --retention 30d',
    why: 'ask your admin',
  });
  expect(await ensureSearchAttributes(client, 'agents')).toEqual({
    command: expect.stringMatching(
      /^temporal operator search-attribute create --namespace agents --name GtConvoy --type Keyword .*--name GtState --type Keyword$/,
    ),
    why: 'ask your admin',
  });
});

/** A gRPC server that knows who calls and lets nobody do anything, as managed clusters do for operator calls. */
const forbiddingServer = async (): Promise<string> => {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    const unimplemented = headers[':path']?.endsWith('GetSystemInfo');
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': unimplemented ? '12' : '7',
        'grpc-message': 'ask your admin',
      },
      { endStream: true },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};
