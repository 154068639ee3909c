import { getExternalWorkflowHandle } from '@temporalio/workflow';
import { workflowId } from '../domain/naming.ts';
import { townActivities } from '../proxies.ts';
import type { ConvoyDesk } from './desk.ts';

const running = ({ epics, input }: ConvoyDesk, rig?: string): string[] =>
  [...epics.values()]
    .filter(({ state, plan }) => state === 'running' && (rig === undefined || plan.rig === rig))
    .map(({ plan }) => workflowId.epic(input.convoy, plan.id));

/** A workflow cannot send an update itself, so an activity does. */
export const updateEpics = async (
  desk: ConvoyDesk,
  name: 'pause' | 'resume',
  argument: object,
  rig?: string,
): Promise<void> => {
  const town = townActivities(desk.input.settings.pace);
  await Promise.all(running(desk, rig).map((id) => town.update({ workflowId: id, name, argument })));
};

/** Tells the epics that run, or those of them on one rig; those that are being started are told by whoever starts them. */
export const toEpics = async (
  desk: ConvoyDesk,
  tell: (epic: ReturnType<typeof getExternalWorkflowHandle>) => Promise<void>,
  rig?: string,
): Promise<void> => {
  // One that is just ending needs no telling.
  await Promise.all(
    running(desk, rig).map((id) => tell(getExternalWorkflowHandle(id)).catch(() => undefined)),
  );
};
