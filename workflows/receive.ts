import { ApplicationFailure, log, type SignalDefinition, setHandler } from '@temporalio/workflow';
import { faultOf, type Shape } from './domain/shape.ts';

/**
 * Registers the handler of a signal that hears only what has the right shape. Signals come from people too and cannot be
 * refused; one that does not fit is logged and ignored, since an error in a handler fails every later task (G5).
 */
export const receive = <T>(
  signal: SignalDefinition<[T]>,
  shape: Shape<NoInfer<T>>,
  take: (message: T) => void | Promise<void>,
  longest?: number,
): void =>
  setHandler(signal, (message) => {
    const fault = faultOf(shape, message, longest);
    if (fault === undefined) return take(message);
    log.warn(`ignored a signal ${signal.name}: ${fault}`, { signal: signal.name, fault });
  });

/** For validators of updates: throws the refusal when the argument does not have the shape. */
export const refuseUnfit = (update: string, shape: Shape<unknown>, argument: unknown): void => {
  const fault = faultOf(shape, argument);
  if (fault !== undefined) throw refused(`${update} cannot be done with this argument: ${fault}.`);
};

/** A validator's no; with evidence and what to do next where there is more to say than the no itself (G10). */
export const refused = (
  why: string,
  more?: { readonly evidence: string; readonly next: string },
): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    why,
    'Refused',
    ...(more === undefined ? [] : [{ type: 'Refused', what: why, ...more }]),
  );
