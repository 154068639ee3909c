import { createHash } from 'node:crypto';
import type { RigSettings } from '../../workflows/domain/rig.ts';

/** sha256 of all that decides what green means for a rig. A green of another hash proves nothing (G2). */
export const gateHash = (rig: RigSettings): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        'gates 1',
        rig.gates.map(({ name, run, timeoutMs }) => [name, run, timeoutMs]),
        rig.setup ?? null,
        rig.setupTimeoutMs,
        rig.caches,
        rig.cacheKey,
        rig.network,
        // Only where it says something: a green of before there was this setting is one still.
        ...(rig.sparse.length === 0 ? [] : [rig.sparse]),
      ]),
    )
    .digest('hex');
