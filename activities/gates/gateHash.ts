import { createHash } from 'node:crypto';
import type { Gate, RigSettings } from '../../workflows/domain/rig.ts';

/**
 * sha256 of all that decides what green means for a rig, as it is configured: commands, what they may use and reach, set-up and
 * caches. Lockfiles are in the tree, which is the other half of what a result is known by. A green of another hash proves nothing (G2).
 */
export const gateHash = (rig: RigSettings): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        'gates 2',
        rig.gates.map((gate) => [gate.name, gate.run, gate.timeoutMs, ...demandsOf(gate)]),
        rig.setup ?? null,
        rig.setupTimeoutMs,
        rig.caches,
        rig.cacheKey,
        rig.network,
        rig.sandbox,
        Object.entries(rig.runLimits ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
        // Only where it says something: a green of before there was this setting is one still.
        ...(rig.sparse.length === 0 ? [] : [rig.sparse]),
      ]),
    )
    .digest('hex');

const demandsOf = ({ report, compile = false, tests = false }: Gate): readonly unknown[] =>
  report === undefined && !compile && !tests ? [] : [{ report, compile, tests }];
