import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { HostCommand, HostCommands } from '../../../../workflows/domain/host/model.ts';
import { adapterAt, failsAs, modelNamed, never } from '../../../support/model/settings.ts';
import { type ModelHost, startModelHost } from '../../../support/modelHost.ts';

const script = fileURLToPath(new URL('../../../support/model/loadModel.mjs', import.meta.url));
const program = (url: string, ...args: readonly string[]): HostCommand => ({
  argv: [process.execPath, script, url, ...args],
});
/** A router whose own paths the town is not told of: only the person's programs use them. */
const serve = (name = 'a'): Promise<ModelHost> =>
  startModelHost({
    kind: 'llama-router',
    models: { [name]: { context: 4_096, loadMs: 20, unloadMs: 10 }, b: { context: 4_096 } },
    reply: () => 'ok',
  });
const adapterWith = (url: string, commands: HostCommands) => adapterAt(url, 'command', { commands });
const byProgram = (url: string): HostCommands => ({
  load: program(url, 'load', '{model}'),
  unload: program(url, 'unload'),
  probe: program(url, 'ps'),
});
const [a, b] = [modelNamed('a'), modelNamed('b')];

describe('G8 a host that is told by programs of the configuration', () => {
  test('loads, verifies, swaps and unloads, and runs nothing that is done already', async () => {
    await using host = await serve();
    const adapter = adapterWith(host.url, byProgram(host.url));
    expect(await adapter.load(a, [], never)).toMatchObject({ context: 4_096, bytes: 7 });
    expect(await adapter.load(a, [], never)).toMatchObject({ loadMs: 0 });
    await adapter.load(b, [], never);
    expect(host.resident()).toEqual(['b']);
    await failsAs(adapter.check(a, never), 'ModelNotResident');
    await adapter.unload(b, never);
    expect(host.resident()).toEqual([]);
    expect(host.timeline.filter(({ event }) => event === 'loaded').map(({ model }) => model)).toEqual([
      'a',
      'b',
    ]);
  });

  test('G9: a hostile name is one argument, for no shell and no option of ours', async () => {
    const name = '--x $(touch /tmp/gastown-evil) `id`; "a b" \'c';
    await using host = await serve(name);
    const adapter = adapterWith(host.url, byProgram(host.url));
    await adapter.load(modelNamed(name), [], never);
    expect(host.resident()).toEqual([name]);
    await adapter.unload(modelNamed(name), never);
    expect(host.resident()).toEqual([]);
  });

  test('G9: programs see no key of the town', async () => {
    await using host = await serve();
    process.env['ADAPTER_TEST_API_KEY'] = 'sk-secret';
    try {
      const adapter = adapterWith(host.url, { ...byProgram(host.url), probe: program(host.url, 'env') });
      const seen = (await adapter.resident(never)).map(({ name }) => name);
      expect(seen).toContain('PATH');
      expect(seen.filter((name) => /KEY|SECRET|TOKEN/.test(name))).toEqual([]);
    } finally {
      delete process.env['ADAPTER_TEST_API_KEY'];
    }
  });

  test('G10: one that fails is told with what it said, made harmless', async () => {
    await using host = await serve();
    const adapter = adapterWith(host.url, { ...byProgram(host.url), load: program(host.url, 'fail') });
    const told = await failsAs(adapter.load(a, [], never), 'ModelNotResident');
    expect(told).toContain('could not load a');
    expect(told).toContain('correct hosts.desk.commands');
    expect(told).toContain('exit status 3');
    expect(told).toContain('no such GPU');
    expect(told).not.toContain('\u001B');
    const missing = adapterWith(host.url, { ...byProgram(host.url), load: { argv: ['/nowhere/lms'] } });
    expect(await failsAs(missing.load(a, [], never), 'ModelNotResident')).toContain('ENOENT');
  });

  test('one that hangs is killed with all that it has started', async () => {
    await using host = await serve();
    await using listener = await listenForPids();
    const hang = { ...byProgram(host.url), load: program(listener.url, 'hang') };
    const quick = modelNamed('a', { callTimeoutMs: 3_000 });
    const loading = failsAs(adapterWith(host.url, hang).load(quick, [], never), 'HostWedged');
    const pids = await listener.pids;
    expect(pids).toHaveLength(2);
    expect(await loading).toContain('load');
    await expect.poll(() => pids.filter(isAlive), { timeout: 20_000 }).toEqual([]);
  });

  test('one that starts a server and ends leaves it running', async () => {
    await using host = await startModelHost({
      kind: 'openai',
      models: { a: { context: 4_096 } },
      reply: () => 'ok',
    });
    await using listener = await listenForPids();
    const gone = { load: program(listener.url, 'start'), probe: { argv: ['/bin/true'] } };
    const quick = modelNamed('a', { callTimeoutMs: 3_000 });
    const loading = failsAs(adapterWith(host.url, gone).load(quick, [], never), 'HostWedged');
    const [pid = 0] = await listener.pids;
    await loading;
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  test('one that says done and has done nothing is not believed', async () => {
    await using host = await serve();
    const idle = { ...byProgram(host.url), load: program(host.url, 'nothing') };
    const quick = modelNamed('a', { callTimeoutMs: 2_000 });
    await failsAs(adapterWith(host.url, idle).load(quick, [], never), 'HostWedged');
  });

  test('a probe that says nothing readable is told', async () => {
    await using host = await serve();
    const commands = {
      ...byProgram(host.url),
      probe: { argv: [process.execPath, '-e', 'console.log("{oops")'] },
    };
    expect(await failsAs(adapterWith(host.url, commands).resident(never), 'HostRefused')).toContain('{oops');
  });
});

describe('a host that is told by calls', () => {
  test('of its own paths, with the model where the marks are', async () => {
    await using host = await serve();
    const adapter = adapterWith(host.url, {
      load: { method: 'POST', path: '/models/load', body: { model: '{model}', context_length: '{context}' } },
      unload: { method: 'POST', path: '/models/unload', body: { model: '{model}' } },
      probe: { method: 'GET', path: '/v1/models' },
    });
    await adapter.load(a, [], never);
    expect(await adapter.check(a, never)).toEqual({ context: undefined });
    await adapter.load(b, [], never);
    expect(host.resident()).toEqual(['b']);
    expect((await adapter.probe(never)).flavours).toEqual(['command']);
  });

  test('without a probe the call is the proof', async () => {
    await using host = await startModelHost({
      kind: 'openai',
      models: { a: { context: 4_096 } },
      reply: () => 'ok',
    });
    const adapter = adapterWith(host.url, { load: { method: 'GET', path: '/health' } });
    expect(await adapter.load(a, [], never)).toMatchObject({ context: 4_096 });
    await host.saw(({ event }) => event === 'chat');
  });
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Where the hanging program says which processes it has. */
const listenForPids = async () => {
  const told = Promise.withResolvers<readonly number[]>();
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      told.resolve((JSON.parse(text) as { pids: number[] }).pids);
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pids: told.promise,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
