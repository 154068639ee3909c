import type { StandingOrder } from '../../workflows/domain/fleet/orders.ts';
import { duration } from './amounts.ts';

/** Why a host was told what it was told, and when. */
export const orderText = ({ reason, gainMs, at }: Omit<StandingOrder, 'want'>, now: number): string =>
  `${reason}${gainMs > 0 ? `; ${gainText(gainMs)}` : ''} (decided ${duration(Math.max(0, now - at))} ago)`;

export const gainText = (gainMs: number): string =>
  `all ends ${duration(gainMs)} sooner than without the swap`;
