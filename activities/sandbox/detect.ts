import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { openProbeFolder } from './probeFolder.ts';
import { findProgram } from './programs.ts';
import { runSandboxed } from './run.ts';
import { bareRung, bubblewrapRung, hasOwnProcesses, type Rung, seatbeltRung, unshareRung } from './rung.ts';

/** A rung that was tried and does not keep its promises here, with the reason. */
export interface FailedRung {
  readonly rung: Rung;
  readonly why: string;
}

export interface Detected {
  readonly rung: Rung;
  /** What was tried before it. */
  readonly failed: readonly FailedRung[];
}

let detected: Promise<Detected> | undefined;

/** The first rung that works here: bubblewrap, util-linux `unshare`, `sandbox-exec` of macOS, or none. Tried once per process, by real runs. */
export const detectSandbox = async (): Promise<Rung> => (await detectedSandbox()).rung;

/** The same with what was tried in vain. */
export const detectedSandbox = (): Promise<Detected> => {
  detected ??= firstThatWorks();
  return detected;
};

/** Every rung that could be tried here, best first. Whether one works is for `probe` to say. */
export const candidateRungs = async (): Promise<readonly Rung[]> => {
  if (process.platform === 'darwin') {
    const tool = await findProgram('sandbox-exec');
    return tool === undefined ? [] : [seatbeltRung(tool)];
  }
  if (process.platform !== 'linux') return [];
  const [bwrap, unshare] = await Promise.all([findProgram('bwrap'), findProgram('unshare')]);
  const asRoot = process.getuid?.() === 0;
  return [
    ...(bwrap === undefined ? [] : [bubblewrapRung(bwrap)]),
    ...(unshare === undefined ? [] : [unshareRung(unshare, true)]),
    // Where user namespaces are switched off, root can do without.
    ...(unshare === undefined || !asRoot ? [] : [unshareRung(unshare, false)]),
  ];
};

const firstThatWorks = async (): Promise<Detected> => {
  const failed: FailedRung[] = [];
  for (const rung of await candidateRungs()) {
    const why = await probe(rung);
    if (why === undefined) return { rung, failed };
    failed.push({ rung, why });
  }
  return { rung: bareRung, failed };
};

/**
 * Runs a program in the rung that tries what must fail and what must work. Returns what is wrong, undefined when all
 * holds: the command runs, its tree is writable and nothing else, the files around it are hidden, this process's own
 * loopback port cannot be reached while a loopback of its own works, and killing it takes a daemon along.
 */
export const probe = async (rung: Rung): Promise<string | undefined> => {
  const folder = await openProbeFolder();
  const listener = createServer((socket) => socket.destroy());
  try {
    const tree = join(folder, 'tree');
    await mkdir(tree);
    await writeFile(join(folder, 'secret'), 'secret');
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const abort = new AbortController();
    const result = await runSandboxed({
      rung,
      command: [
        process.execPath,
        '-e',
        trial,
        join(folder, 'secret'),
        String(port),
        String(hasOwnProcesses(rung)),
      ],
      cwd: tree,
      writable: [tree],
      scratch: join(folder, 'scratch'),
      network: false,
      timeoutMs: 10_000,
      signal: abort.signal,
    });
    if (result.output.trim() === 'holds' && result.exitCode === 0) return await probeKill(rung, folder, tree);
    return result.output.trim().slice(0, 500) || `the trial ended with exit status ${result.exitCode}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    listener.close();
    await rm(folder, { recursive: true, force: true });
  }
};

/** A daemon in a session of its own holds the output open: the run ends in time only if it died too. */
const probeKill = async (rung: Rung, folder: string, tree: string): Promise<string | undefined> => {
  const abort = new AbortController();
  const begun = performance.now();
  const timer = setTimeout(() => abort.abort(new Error('late')), 5_000);
  try {
    await runSandboxed({
      rung,
      command: 'trap "" TERM HUP INT; (sleep 60 & sleep 60) & echo up; wait',
      cwd: tree,
      writable: [tree],
      scratch: join(folder, 'scratch'),
      network: false,
      timeoutMs: 10_000,
      signal: abort.signal,
      onOutput: () => abort.abort(new Error('up')),
    });
    return 'a cancelled command ended by itself';
  } catch (error) {
    const seconds = (performance.now() - begun) / 1000;
    if (error instanceof Error && error.message === 'up' && seconds < 1.8) return;
    return `killing a command took ${seconds.toFixed(1)} s: ${String(error)}`;
  } finally {
    clearTimeout(timer);
  }
};

const trial = `
const fs = require('node:fs'), net = require('node:net');
const [secret, port, ownLoopback] = process.argv.slice(1);
const wrong = (text) => { console.log(text); process.exit(1); };
fs.writeFileSync('written', 'x');
for (const path of [secret, '/etc/passwd']) {
  let opened = false;
  try { fs.closeSync(fs.openSync(path, 'a')); opened = true; } catch {}
  if (opened && path !== secret) wrong(path + ' is writable');
}
let text = '';
try { text = fs.readFileSync(secret, 'utf8'); } catch {}
if (text !== '') wrong('files beside the tree are readable');
const connect = (to) => new Promise((resolve) => {
  const socket = net.connect({ port: to, host: '127.0.0.1', timeout: 2000 });
  for (const [event, good] of [['connect', true], ['error', false], ['timeout', false]]) {
    socket.once(event, () => { socket.destroy(); resolve(good); });
  }
});
const held = async () => {
  if (await connect(Number(port))) wrong('the network of the machine is reachable');
  console.log('holds');
  process.exit(0);
};
if (ownLoopback === 'false') held();
else net.createServer((socket) => socket.end()).listen(0, '127.0.0.1', async function () {
  if (!(await connect(this.address().port))) wrong('there is no loopback inside');
  await held();
}).on('error', (error) => wrong('there is no loopback inside: ' + error.message));
`;
