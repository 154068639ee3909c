/** Where commands in a sandbox find the proxy: a port of a loopback that is theirs alone. */
export const relayPort = 3128;

/**
 * Puts the relay before a command: it listens on the loopback in there, carries every connection to the proxy's socket,
 * and starts the command when it does. It holds no rule, so whatever the command does to it harms nobody else. What the
 * rig's list names of this machine is carried through a tunnel from the same port, for clients that know of no proxy.
 */
export const relayed = (
  socket: string,
  services: readonly string[],
  command: readonly string[],
): readonly string[] => [process.execPath, '-e', program, '--', socket, services.join(','), ...command];

const program = `
const net = require('node:net'), os = require('node:os'), { spawn } = require('node:child_process');
const [socket, services, file, ...args] = process.argv.slice(1);
const join = (near, far) => {
  near.pipe(far).pipe(near);
  near.once('close', () => far.destroy());
  far.once('close', () => near.destroy());
};
const open = (near) => {
  const far = net.connect(socket);
  near.on('error', () => near.destroy());
  far.on('error', () => near.destroy());
  return far;
};
const tunnel = (service) => (near) => {
  const far = open(near);
  far.write('CONNECT ' + service + ' HTTP/1.1\\r\\nHost: ' + service + '\\r\\n\\r\\n');
  let said = '';
  const hear = (chunk) => {
    said += chunk.toString('latin1');
    const end = said.indexOf('\\r\\n\\r\\n');
    if (end < 0) return;
    far.off('data', hear);
    if (!said.startsWith('HTTP/1.1 200')) return near.destroy();
    far.pause();
    if (said.length > end + 4) far.unshift(Buffer.from(said.slice(end + 4), 'latin1'));
    join(near, far);
  };
  far.on('data', hear);
};
const listen = (port, take) => new Promise((done, failed) => net.createServer(take).once('error', failed).listen(port, '127.0.0.1', done));
const start = () => {
  const child = spawn(file, args, { stdio: 'inherit' });
  child.once('error', (error) => { console.error(error.message); process.exit(127); });
  child.once('exit', (code, signal) => process.exit(code ?? 128 + os.constants.signals[signal]));
};
Promise.all([listen(${relayPort}, (near) => join(near, open(near))), ...services.split(',').filter(Boolean).map((service) => listen(Number(service.split(':').at(-1)), tunnel(service)))])
  .then(start, (error) => { console.error('the way to the network did not open: ' + error.message); process.exit(126); });
`;
