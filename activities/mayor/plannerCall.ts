import type { Usage } from '../../workflows/domain/host/model.ts';
import type { CloudMayor } from '../../workflows/domain/plan/mayor.ts';
import type { ChatMessage } from '../models/chat.ts';

/** One call of a planner elsewhere, whatever protocol it speaks. */
export interface PlannerCall {
  readonly mayor: CloudMayor;
  readonly messages: readonly ChatMessage[];
  readonly estimatedTokens: number;
  readonly apiKey: string | undefined;
  /** Ends the call; the reason is thrown as it is. */
  readonly signal: AbortSignal;
  /** Longest silence between two pieces of a reply, ms. */
  readonly idleMs: number;
  /** Called whenever the cost is known better (G7). */
  readonly onUsage: (usage: Usage) => void;
}

export interface PlannerText {
  readonly text: string;
  readonly finish: 'stop' | 'length';
}

/** The clocks of a call: thinking is silent, so only the whole call bounds the wait for its first token. */
export const clocksOf = ({ mayor, idleMs }: PlannerCall) => ({
  firstTokenMs: mayor.callTimeoutMs,
  idleMs,
  callTimeoutMs: mayor.callTimeoutMs,
});
