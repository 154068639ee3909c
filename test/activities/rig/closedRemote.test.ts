import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { lookAtRepository } from '../../../deploy/init/repository.ts';
import { failureOf, townWith } from './town.ts';

/** A refusal must come while a person looks, and never be a question that nobody hears. */
const soonMs = 30_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gt-closed-'));
  vi.stubEnv('HOME', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const refusedSoon = async (source: string) => {
  await using town = await townWith(source);
  const began = performance.now();
  const failure = await failureOf(town.open());
  expect(performance.now() - began).toBeLessThan(soonMs);
  return failure;
};

describe('G10: a private HTTPS remote without credentials', () => {
  let server: Server;
  let url: string;
  beforeEach(async () => {
    server = createServer((_, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="private"' }).end();
    });
    url = `http://127.0.0.1:${await listening(server)}/team/app.git`;
  });
  afterEach(() => {
    server.close();
  });

  test('is refused at launch, with the command that shows when it works', async () => {
    expect(await refusedSoon(url)).toMatchObject({
      type: 'RigUnusable',
      what: `Rig r: the user that runs the town may not read ${url}.`,
      evidence: expect.stringContaining('could not read Username') as string,
      next: expect.stringContaining(`git ls-remote ${url}`) as string,
    });
  });

  test('asks no window of an editor, but a script that answers by itself', async () => {
    const script = join(folder, 'askpass');
    await writeFile(script, `#!/bin/sh\necho "$1" >> ${folder}/asked\necho wrong\n`, { mode: 0o755 });
    vi.stubEnv('GIT_ASKPASS', script);
    vi.stubEnv('VSCODE_GIT_IPC_HANDLE', join(folder, 'window'));
    expect(await refusedSoon(url)).toMatchObject({ type: 'RigUnusable' });
    await expect(readFile(join(folder, 'asked'), 'utf8')).rejects.toMatchObject({ code: 'ENOENT' });

    vi.stubEnv('VSCODE_GIT_IPC_HANDLE', undefined);
    expect(await refusedSoon(url)).toMatchObject({
      type: 'RigUnusable',
      evidence: expect.stringContaining('Authentication failed') as string,
    });
    expect(await readFile(join(folder, 'asked'), 'utf8')).toContain('Password');
  });
});

const sshd = '/usr/sbin/sshd';
const hasSshd = (await execa(sshd, ['-?'], { reject: false })).code !== 'ENOENT';

describe.skipIf(!hasSshd)('G10: an SSH remote', () => {
  let port: number;
  let daemon: PromiseLike<unknown> & { kill(): unknown };

  beforeEach(async () => {
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'host')]);
    const probe = createServer();
    port = await listening(probe);
    await new Promise((resolve) => probe.close(resolve));
    const lines = [
      ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${folder}/host`, `PidFile ${folder}/pid`],
      ...[`AuthorizedKeysFile ${folder}/nobody`, 'StrictModes no', 'UsePAM no'],
      ...['PasswordAuthentication yes', 'KbdInteractiveAuthentication yes'],
    ];
    await writeFile(join(folder, 'sshd.conf'), `${lines.join('\n')}\n`);
    // Started by root, the daemon wants it; it is there wherever one runs.
    await mkdir('/run/sshd', { recursive: true }).catch(() => undefined);
    daemon = execa(sshd, ['-D', '-e', '-f', join(folder, 'sshd.conf')], { reject: false, stdin: 'ignore' });
    await untilOpen(port);
  });
  afterEach(async () => {
    daemon.kill();
    await daemon;
  });

  const url = (): string => `ssh://${userInfo().username}@127.0.0.1:${port}/srv/app.git`;
  /** Without the files of the account, which ssh finds whatever HOME says. */
  const ssh = (...options: readonly string[]): string =>
    [
      ...['ssh', '-F', '/dev/null', '-o', `UserKnownHostsFile=${folder}/known`],
      ...['-o', `IdentityFile=${folder}/none`, '-o', 'IdentitiesOnly=yes', ...options],
    ].join(' ');

  test('whose key nobody knows is refused without a question', async () => {
    vi.stubEnv('GIT_SSH_COMMAND', ssh());
    expect(await refusedSoon(url())).toMatchObject({
      type: 'RigUnusable',
      evidence: expect.stringContaining('Host key verification failed') as string,
    });
  });

  test('that refuses our key, and would take a password, is refused without asking for one', async () => {
    vi.stubEnv('GIT_SSH_COMMAND', ssh('-o', 'StrictHostKeyChecking=no'));
    expect(await refusedSoon(url())).toMatchObject({
      type: 'RigUnusable',
      what: expect.stringContaining('may not read') as string,
      evidence: expect.stringContaining('Permission denied') as string,
      next: expect.stringContaining('git ls-remote ssh://') as string,
    });
  });

  test('is called for `gt rig add` as the person has told git, with their own key and options', async () => {
    const wrapper = join(folder, 'own-ssh');
    const command = ssh('-o', 'StrictHostKeyChecking=no', '-o', 'BatchMode=yes');
    await writeFile(wrapper, `#!/bin/sh\ntouch ${folder}/called\nexec ${command} "$@"\n`);
    await chmod(wrapper, 0o755);
    await writeFile(join(folder, '.gitconfig'), `[core]\n\tsshCommand = ${wrapper}\n`);
    vi.stubEnv('GIT_SSH_COMMAND', undefined);
    await expect(lookAtRepository(url())).rejects.toMatchObject({
      trouble: { type: 'RepositoryUnreadable', next: expect.stringContaining('git ls-remote') as string },
    });
    await expect(readFile(join(folder, 'called'))).resolves.toBeDefined();
  });
});

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

/** No event tells when another program listens. Bounded by the time that a test may take. */
const untilOpen = async (port: number): Promise<void> => {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
