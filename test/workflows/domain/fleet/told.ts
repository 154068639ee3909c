import type { BeadReport, BeadStep } from '../../../../workflows/domain/fleet/beadReport.ts';
import type { FleetFacts, HostFacts, ModelFacts } from '../../../../workflows/domain/fleet/facts.ts';
import type { HostReport, ReportedCall } from '../../../../workflows/domain/fleet/hostReport.ts';

/** A report of a host that holds nothing and does nothing. */
export const reportOf = (host: string, over: Partial<HostReport> = {}): HostReport => ({
  ...{ host, at: 1_000, open: [], since: 0, refused: [], running: [], waiting: [] },
  ...{ ended: [], swaps: [], sentBack: 0 },
  ...over,
});

export const beadOf = (bead: string, over: Partial<BeadReport> = {}): BeadReport => ({
  ...{ bead: `c/e/${bead}`, state: 'coming', since: 100, needs: [], steps: [code('coder')] },
  ...over,
});

export const code = (model: string, estimateMs?: number): BeadStep => ({
  ...{ kind: 'code', model },
  ...(estimateMs === undefined ? {} : { estimateMs }),
});

export const review = (model: string): BeadStep => ({ kind: 'review', model });

export const callOf = (bead: string, over: Partial<ReportedCall> = {}): ReportedCall => ({
  ...{ model: 'coder', bead: `c/e/${bead}`, role: 'polecat', since: 500 },
  ...over,
});

const modelFacts = (key: string, over: Partial<ModelFacts> = {}): ModelFacts => ({
  ...{ key, weights: key, context: 32_768, bytes: undefined, loadMs: 20_000, unloadMs: 5_000 },
  ...over,
});

const hostFacts = (host: string, over: Partial<HostFacts> = {}): HostFacts => ({
  ...{ host, slots: 2, memory: undefined, coresident: false, serves: ['coder', 'critic'] },
  ...over,
});

export const facts: FleetFacts = {
  models: [modelFacts('coder'), modelFacts('critic')],
  hosts: [hostFacts('box'), hostFacts('desk')],
};
