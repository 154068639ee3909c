/** What is done elsewhere: policies that see only what waits now. */
import { fitBeside } from '../../../workflows/domain/fleet/memory.ts';
import {
  openOn,
  type Policy,
  type VirtualCall,
  type VirtualFleet,
  type VirtualHost,
} from './virtualFleet.ts';

/** Calls are pushed to the host with the fewest, which serves them strictly in order, as Ollama alone does. */
export const leastConnections = (): Policy => {
  const queues = new Map<string, VirtualCall[]>();
  const first = (host: VirtualHost): VirtualCall | undefined => queueOf(queues, host)[0];
  return {
    name: 'least-connections',
    arrive: (call, fleet) => push(queues, call, fleet),
    pick: (host) => {
      const call = first(host);
      if (call === undefined || !openOn(host).includes(call.model)) return;
      queueOf(queues, host).shift();
      return { call, by: call.model };
    },
    change: (host, fleet) => {
      const call = first(host);
      return call === undefined || host.resident.includes(call.model)
        ? undefined
        : withModel(fleet, host, call.model);
    },
  };
};

/** Calls are pushed in the same way, and what is loaded goes before what would need a swap, as in llama-swap. */
export const collating = (): Policy => {
  const queues = new Map<string, VirtualCall[]>();
  return {
    name: 'collating',
    arrive: (call, fleet) => push(queues, call, fleet),
    pick: (host) => {
      const queue = queueOf(queues, host);
      const at = queue.findIndex(({ model }) => openOn(host).includes(model));
      const [call] = at < 0 ? [] : queue.splice(at, 1);
      return call === undefined ? undefined : { call, by: call.model };
    },
    change: (host, fleet) => {
      const other = queueOf(queues, host).find(({ model }) => !host.resident.includes(model));
      return other === undefined ? undefined : whenIdle(host, withModel(fleet, host, other.model));
    },
  };
};

/** Hosts pull what they hold until nothing of it waits; then comes the largest backlog that no other host can take. */
export const exhaustive = (): Policy => ({
  name: 'exhaustive',
  pick: (host, fleet) => {
    const call = fleet.waiting
      .filter(({ model }) => openOn(host).includes(model))
      .toSorted((a, b) => a.readyAt - b.readyAt || order(fleet, a) - order(fleet, b))
      .at(0);
    return call === undefined ? undefined : { call, by: call.model };
  },
  change: (host, fleet) => {
    if (fleet.waiting.some(({ model }) => host.resident.includes(model))) return;
    let best: readonly string[] | undefined;
    let most = 0;
    for (const model of new Set(fleet.waiting.map((call) => call.model))) {
      if (!host.serves.includes(model)) continue;
      const backlog = fleet.waiting.filter((call) => call.model === model);
      if (backlog.length <= roomElsewhere(fleet, host, model)) continue;
      const to = whenIdle(host, withModel(fleet, host, model));
      const work = backlog.reduce((sum, { callMs }) => sum + callMs, 0);
      if (to === undefined || work <= most) continue;
      most = work;
      best = to;
    }
    return best;
  },
});

const order = (fleet: VirtualFleet, call: VirtualCall): number => fleet.work.stages.indexOf(call.stage);

const roomElsewhere = (fleet: VirtualFleet, host: VirtualHost, model: string): number =>
  fleet.hosts.reduce((room, other) => {
    if (other === host) return room;
    if (other.change?.to.includes(model) === true) return room + other.slots;
    if (other.change !== undefined || !other.resident.includes(model)) return room;
    return room + other.slots - other.running.length;
  }, 0);

/** The model, and of what is resident as much as fits beside it. */
const withModel = ({ models, work }: VirtualFleet, host: VirtualHost, key: string): readonly string[] => {
  const model = models.get(key);
  if (model === undefined) return [];
  const resident = work.models.filter((other) => host.resident.includes(other.key));
  return fitBeside(roomOf(host), [model], resident).map((one) => one.key);
};

const roomOf = ({ memory, coresident = false }: VirtualHost) => ({ memory, coresident });

/** A change that would have to wait for calls to end is not begun yet. */
const whenIdle = (host: VirtualHost, to: readonly string[]): readonly string[] | undefined =>
  host.running.some(({ by }) => !to.includes(by)) ? undefined : to;

const queueOf = (queues: Map<string, VirtualCall[]>, { host }: VirtualHost): VirtualCall[] => {
  const queue = queues.get(host) ?? [];
  queues.set(host, queue);
  return queue;
};

const push = (queues: Map<string, VirtualCall[]>, call: VirtualCall, fleet: VirtualFleet): void => {
  const load = (host: VirtualHost): number => queueOf(queues, host).length + host.running.length;
  const [least] = fleet.hosts
    .filter(({ serves }) => serves.includes(call.model))
    .toSorted((a, b) => load(a) - load(b) || a.at - b.at);
  if (least !== undefined) queueOf(queues, least).push(call);
};
