/** A process with the runtime of a worker: says whether it has one, and ends with its input. */
import { Runtime } from '@temporalio/worker';
import { createCounts } from '../../../activities/counts/counts.ts';
import { createLogger } from '../../../workers/log.ts';
import { installRuntime, type Role } from '../../../workers/metrics.ts';

const [role, port] = process.argv.slice(2);
installRuntime(role as Role, { address: '127.0.0.1', port: Number(port) }, createLogger('metrics'));
const counts = createCounts(Runtime.instance().metricMeter);
counts.add('landings', { rig: 'app' }, 2);
counts.observe('gateSeconds', { rig: 'app', gate: 'test', result: 'passed' }, 1.5);
counts.set('slots', { host: 'desk' }, 4);
process.stdout.write('ready\n');
process.stdin.on('end', () => process.exit(0)).resume();
