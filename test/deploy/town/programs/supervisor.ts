/** Run by openTown.test.ts: a town with stand-in workers, which tells its events as JSON lines. */
import { openTown, type TownEvent } from '../../../../deploy/town/openTown.ts';
import { stopSignals } from '../../../../deploy/town/stopSignals.ts';
import { config, workers } from '../standIn.ts';

const [home = '', temporalCli = '', mode = ''] = process.argv.slice(2);
const say = (event: TownEvent | object): void => console.log(JSON.stringify(event));
using signals = stopSignals();
const town = await openTown({
  config: config(home),
  temporalCli,
  ui: false,
  graceMs: 60_000,
  workers: workers(mode),
  entities: async () => {},
  rehearse: async () => ({ workflows: 'none', checked: 0 }),
  onEvent: say,
  drain: signals.drain,
  kill: signals.kill,
});
await town.ready;
say({ kind: 'open', address: town.address });
await town.exited;
