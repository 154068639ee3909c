import type { HostReport, ReportedCall } from '../../workflows/domain/fleet/hostReport.ts';
import { beadKey } from '../../workflows/domain/naming.ts';
import type { Infer } from '../../workflows/ports.ts';

/** The calls of one host, as the fleet is told of them. */
export interface CallLog {
  /** A call began; the returned function is called at its end. */
  begin(model: string, request: Pick<Infer, 'bead' | 'role'>): (failed: boolean) => void;
  readonly running: () => readonly ReportedCall[];
  /** Those that ended since they were last told. */
  readonly ended: () => HostReport['ended'];
  /** Calls that were sent back by a closing gate. */
  readonly sentBack: () => number;
  noteSentBack(): void;
  /** These of the ended ones have been told. */
  told(calls: HostReport['ended']): void;
}

/** More than anybody plans with; a report has a longest length. */
const mostEnded = 200;

/** `onChange`: a call began or ended. */
export const createCallLog = (onChange: () => void): CallLog => {
  const running = new Set<ReportedCall>();
  const ended: HostReport['ended'][number][] = [];
  let sentBack = 0;
  return {
    begin(model, { bead, role = 'polecat' }) {
      const call: ReportedCall = { model, bead: beadKey(bead), role, since: Date.now() };
      running.add(call);
      onChange();
      return (failed) => {
        if (!running.delete(call)) return;
        if (ended.length >= mostEnded) ended.shift();
        ended.push({ ...call, ms: Date.now() - call.since, ...(failed ? { failed } : {}) });
        onChange();
      };
    },
    running: () => [...running],
    ended: () => [...ended],
    sentBack: () => sentBack,
    noteSentBack: () => {
      sentBack += 1;
    },
    told: (calls) => {
      // More may have ended meanwhile, and the oldest given way to them.
      const rest = ended.filter((one) => !calls.includes(one));
      ended.splice(0, ended.length, ...rest);
    },
  };
};
