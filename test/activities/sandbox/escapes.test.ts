import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlace, type Place } from './place.ts';
import { processesWith } from './processes.ts';
import { workingRungs } from './rungs.ts';

const rungs = await workingRungs();

let place: Place;
/** What must be the same afterwards, by its files. */
let outside: string;
let servers: readonly Server[];
let ports: Readonly<Record<'loopback' | 'everywhere', number>>;
const lan = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
const abstractName = `gastown-escape-${process.pid}`;

beforeAll(async () => {
  outside = mkdtempSync('/var/tmp/gastown-outside-');
  mkdirSync(join(outside, 'folder'));
  writeFileSync(join(outside, 'victim'), 'as it was');
  const reached = (): Server => createServer((socket) => socket.on('error', () => undefined).end('reached'));
  servers = [reached(), reached(), reached(), reached()];
  const listening = (server: Server | undefined, at: object): Promise<number> =>
    new Promise((resolve) =>
      server?.listen(at, () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      }),
    );
  ports = {
    loopback: await listening(servers[0], { port: 0, host: '127.0.0.1' }),
    everywhere: await listening(servers[1], { port: 0, host: '0.0.0.0' }),
  };
  // As ssh-agent, docker and the session bus listen: by a file, and by a name without one.
  await listening(servers[2], { path: join(outside, 'agent.sock') });
  await listening(servers[3], { path: `\0${abstractName}` });
});

afterAll(() => {
  for (const server of servers) server.close();
  rmSync(outside, { recursive: true, force: true });
});

test('this machine has a rung to test', () => {
  expect(rungs.length).toBeGreaterThan(0);
});

describe.each(rungs.map((rung) => [rung.name, rung] as const))('G9: in %s', (_, rung) => {
  let visible: Server;
  beforeAll(async () => {
    place = openPlace();
    visible = createServer((socket) => socket.end('reached'));
    await new Promise<void>((resolve) => visible.listen(join(place.repo, 's'), () => resolve()));
  });
  afterAll(() => {
    visible.close();
    place.remove();
  });

  test('symbolic links, `..` and absolute paths lead nowhere that can be written', async () => {
    const { output } = await place.run(
      rung,
      `ln -s ${outside} link; ln -s ${outside}/victim file; ln -s / root; ln -s ../other up
       for path in link/victim file root${outside}/victim up/work.txt ../other/work.txt ${place.other}/work.txt \\
         ../../../../../../town.json ${place.town}/town.json ${outside}/new link/new /proc/self/root${outside}/victim \\
         /proc/1/root${outside}/victim /proc/self/cwd/../other/new; do
         (echo evil > "$path") 2>/dev/null && [ "$(cat "$path" 2>/dev/null)" = evil ] && echo "wrote $path"
       done
       ln ${outside}/victim hard 2>/dev/null && echo linked
       cp -p /bin/sh shell && chmod u+s shell 2>/dev/null
       rm -rf link/* up/* root/etc/passwd 2>/dev/null; mv ../other gone 2>/dev/null; exit 0`,
    );
    expect(output).toBe('');
    expect(readFileSync(join(outside, 'victim'), 'utf8')).toBe('as it was');
    expect(readdirSync(outside).toSorted()).toEqual(['agent.sock', 'folder', 'victim']);
    expect(readFileSync(join(place.other, 'work.txt'), 'utf8')).toBe('work of another');
    expect(readFileSync(join(place.town, 'town.json'), 'utf8')).toBe('the town');
  });

  test('other work trees and the town’s home cannot even be read or listed', async () => {
    const { output } = await place.run(
      rung,
      `cat ${place.other}/work.txt ../other/work.txt ${place.town}/town.json /proc/1/root${place.town}/town.json 2>/dev/null
       ls ${place.town} ${place.town}/rigs/r/worktrees/c/e/other ${place.town}/scratch 2>/dev/null | grep -v rigs; exit 0`,
    );
    expect(output).not.toContain('work of another');
    expect(output).not.toContain('the town');
    expect(output).not.toContain('town.json');
    expect(output).not.toContain('work.txt');
  });

  test('hooks and configuration of the repository can be neither written nor replaced', async () => {
    const before = readFileSync(join(place.tree, '.git'), 'utf8');
    const { output } = await place.run(
      rung,
      `for path in ${place.repo}/hooks/post-checkout ${place.repo}/config ${place.repo}/worktrees/b/config.worktree .git .git/hooks/pre-commit; do
         (echo evil > "$path") 2>/dev/null && echo "wrote $path"
       done
       git config core.fsmonitor evil 2>/dev/null && echo configured
       git config core.hooksPath /tmp 2>/dev/null && echo configured
       mount -o remount,rw ${place.repo} 2>/dev/null && echo remounted
       umount -l ${place.repo} 2>/dev/null && echo unmounted
       mv .git elsewhere 2>/dev/null; rm -rf .git 2>/dev/null; ln -sfn /tmp .git 2>/dev/null; exit 0`,
    );
    expect(output).toBe('');
    expect(readFileSync(join(place.tree, '.git'), 'utf8')).toBe(before);
    expect(readdirSync(join(place.repo, 'hooks'))).toEqual([]);
    expect(readFileSync(join(place.repo, 'config'), 'utf8')).toBe('bare');
  });

  test('no environment but its own can be read, this worker’s neither', async () => {
    const mine = `PLANTED_${process.pid}`;
    const holder = spawn('sleep', ['60'], {
      env: { ...process.env, [mine]: 'the planted key' },
      stdio: 'ignore',
    });
    try {
      await once(holder, 'spawn');
      const { output } = await place.run(
        rung,
        `env; for file in /proc/[0-9]*/environ /proc/${process.pid}/environ /proc/${holder.pid}/environ; do tr '\\0' '\\n' < $file 2>/dev/null; done; exit 0`,
      );
      expect(output).toContain('CI=1');
      expect(output).not.toContain('planted');
      expect(output).not.toMatch(/VITEST|npm_/);
    } finally {
      holder.kill('SIGKILL');
    }
  });

  test('processes outside are neither seen, nor signalled, nor traced', async () => {
    const holder = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      await once(holder, 'spawn');
      const { output } = await place.run(
        rung,
        `kill -0 ${holder.pid} 2>/dev/null && echo "sees ${holder.pid}"; kill -9 ${holder.pid} ${process.pid} 2>/dev/null && echo killed
         [ -e /proc/${holder.pid} ] && cat /proc/${holder.pid}/cmdline; cat /proc/${process.pid}/maps 2>/dev/null | head -1
         kill -9 -1 2>/dev/null; exit 0`,
      );
      expect(output).toBe('');
      expect(holder.exitCode).toBeNull();
      expect(existsSync(`/proc/${holder.pid}`)).toBe(true);
      const traced = await place.node(
        rung,
        `const fs = require('node:fs'); let found = 'none';
         for (const pid of [1, process.ppid, ${process.pid}, ${holder.pid}]) {
           try { const fd = fs.openSync('/proc/' + pid + '/mem', 'r+'); const maps = fs.readFileSync('/proc/' + pid + '/maps', 'utf8');
             if (maps.includes('${place.town}/scratch') && !maps.includes('sh')) found = pid; fs.closeSync(fd); } catch {}
         }
         console.log(found);`,
      );
      expect(traced.output).toBe('none\n');
    } finally {
      holder.kill('SIGKILL');
    }
  });

  test('the kernel’s doors are shut: settings, keys, modules, disks, mounts, new roots', async () => {
    const { output } = await place.run(
      rung,
      `for path in /proc/sys/kernel/core_pattern /proc/sys/vm/drop_caches /proc/sysrq-trigger /proc/sys/fs/binfmt_misc/register \\
         /sys/kernel/uevent_helper /sys/power/state /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/pids/cgroup.procs /dev/kmsg /dev/mem; do
         (echo x > $path) 2>/dev/null && echo "wrote $path"
       done
       mknod disk b 8 0 2>/dev/null && echo made; ls /dev/sd* /dev/vd* /dev/nvme* 2>/dev/null
       mount -t tmpfs none /tmp 2>/dev/null && echo mounted; umount /tmp 2>/dev/null && echo unmounted
       chroot / true 2>/dev/null && echo chrooted; hostname evil 2>/dev/null && echo renamed
       (ulimit -c unlimited) 2>/dev/null && [ "$(ulimit -c)" != 0 ] && echo cores; exit 0`,
    );
    expect(output).toBe('');
  });

  test('a new user namespace gives no way to the machine’s files or network', async () => {
    const { output } = await place.run(
      rung,
      `unshare --user --map-root-user --mount --net sh -c 'umount -l ${place.repo}; mount -o remount,rw,bind ${place.repo}; echo evil > ${place.repo}/config; umount -l ${place.town}; cat ${place.town}/town.json; echo evil > ${outside}/victim' 2>/dev/null; exit 0`,
    );
    expect(output).not.toContain('the town');
    expect(readFileSync(join(place.repo, 'config'), 'utf8')).toBe('bare');
    expect(readFileSync(join(outside, 'victim'), 'utf8')).toBe('as it was');
  });

  test('loopback, the local net and names of this machine are out of reach', async () => {
    const targets = [
      ['127.0.0.1', ports.loopback],
      ['localhost', ports.loopback],
      ['0.0.0.0', ports.everywhere],
      ['::ffff:127.0.0.1', ports.loopback],
      ...(lan === undefined ? [] : [[lan, ports.everywhere]]),
    ];
    const { output } = await place.node(
      rung,
      `const net = require('node:net');
       const ask = ([host, port]) => new Promise((done) => { const socket = net.connect({ host, port, timeout: 3000 });
         socket.once('data', (data) => done(host + ' ' + data)).once('error', () => done('')).once('timeout', () => { socket.destroy(); done(''); }); });
       Promise.all(${JSON.stringify(targets)}.map(ask)).then(async (said) => {
         const found = await require('node:dns/promises').resolve4('example.com').catch(() => []);
         console.log([...said, ...found].filter(Boolean).join(' ') || 'nothing'); process.exit(0); });`,
    );
    expect(output).toBe('nothing\n');
  });

  test('sockets of the machine’s services are out of reach: by a file, by an abstract name, in /run, in a folder that is shown', async () => {
    const known = [
      '/run/docker.sock',
      '/var/run/docker.sock',
      '/run/dbus/system_bus_socket',
      '/run/systemd/private',
    ];
    const paths = [join(outside, 'agent.sock'), join(place.repo, 's'), `\0${abstractName}`, ...known];
    const { output } = await place.node(
      rung,
      `const net = require('node:net');
       const ask = (path) => new Promise((done) => net.connect(path).once('connect', () => done(path)).once('error', () => done('')));
       Promise.all(${JSON.stringify(paths)}.map(ask)).then((said) => { console.log(said.filter(Boolean).join(' ') || 'nothing'); process.exit(0); });`,
    );
    expect(output).toBe('nothing\n');
  });

  test.each([
    ['its timeout', {}],
    ['a cancel', { cancel: true }],
  ])(
    'a daemon that forked twice, in a session of its own, ends with %s',
    async (how, { cancel }: { cancel?: boolean }) => {
      const mark = `daemon-${process.pid}-${rung.name}-${how.length}`;
      const abort = new AbortController();
      const loop = `trap "" TERM HUP INT; while :; do sleep 1; done`;
      const running = place.run(
        rung,
        `(setsid sh -c '(env -i /bin/sh -c "$0" ${mark} </dev/null >/dev/null 2>&1 &)' '${loop}' &) ; sleep 0.2; echo up; while :; do sleep 1; done`,
        cancel === true
          ? { signal: abort.signal, onOutput: () => abort.abort(new Error('enough')) }
          : { timeoutMs: 1_000 },
      );
      if (cancel === true) await expect(running).rejects.toThrow('enough');
      else expect((await running).timedOut).toBe(true);
      expect(await processesWith(mark)).toEqual([]);
    },
  );

  test('it is one user without privileges, and set-user programs give it none', async () => {
    const { output } = await place.run(rung, 'grep -E "NoNewPrivs|CapEff|CapBnd" /proc/self/status');
    expect(output).toMatch(/CapEff:\s+0{16}/);
    expect(output).toMatch(/NoNewPrivs:\s+1/);
  });
});

test('nothing of all this was left outside', () => {
  const left = execFileSync('sh', ['-c', 'ls -a /var/tmp /tmp | grep -c evil || true'], { encoding: 'utf8' });
  expect(left.trim()).toBe('0');
  expect(tmpdir()).not.toBe('');
});
