/** Run by devServer.test.ts as a program that can be killed: starts a server, prints it as JSON, waits for ever. */
import { type DevServerOptions, startDevServer } from '../../../deploy/server/devServer.ts';

process.on('SIGINT', () => undefined);
const server = await startDevServer(JSON.parse(process.argv[2] ?? '') as DevServerOptions);
console.log(JSON.stringify(server));
setInterval(() => undefined, 60_000);
