import type { Failure } from '../../workflows/domain/failure.ts';
import {
  hostDown,
  keyRefused,
  type NamedHost,
  notAModelServer,
} from '../../workflows/domain/host/hostTrouble.ts';
import type { Look } from './server.ts';

/** What it means that an address is no model server that the town may use (G10). */
export const lookTrouble = (host: NamedHost, look: Exclude<Look, { found: 'server' }>): Failure => {
  switch (look.found) {
    case 'nothing':
      return hostDown(host, look.evidence);
    case 'locked':
      return keyRefused(host, look.evidence);
    case 'stranger':
      return notAModelServer(host, look.evidence);
  }
};
