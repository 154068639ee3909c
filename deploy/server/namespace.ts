import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { isGrpcServiceError } from '@temporalio/client';
import { searchAttributes } from '../../workflows/domain/naming.ts';

/** How long ended workflows stay visible, days: a month of convoys to look back on. A dev server's own default is one. */
const retentionDays = 30;

/** What an administrator has to run where we may not; undefined when all is well. */
export type AdminStep = { readonly command: string; readonly why: string } | undefined;

/** Makes the namespace when it is missing, and gives it the town's retention. */
export const ensureNamespace = async (client: Client, namespace: string): Promise<AdminStep> => {
  const service = client.workflowService;
  try {
    const found = await service.describeNamespace({ namespace }).catch((error: unknown) => {
      if (hasCode(error, grpc.notFound)) return;
      throw error;
    });
    const kept = Number(found?.config?.workflowExecutionRetentionTtl?.seconds ?? 0);
    if (found === undefined)
      await service
        .registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention })
        .catch((error: unknown) => {
          if (!hasCode(error, grpc.alreadyExists)) throw error;
        });
    else if (kept < retentionSeconds)
      await service.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: retention } });
    return;
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return {
      command: `temporal operator namespace create --namespace ${namespace} --retention ${retentionDays}d`,
      why: error.details,
    };
  }
};

/** Registers the town's search attributes that are missing. The town works without them; lists are then less handy. */
export const ensureSearchAttributes = async (client: Client, namespace: string): Promise<AdminStep> => {
  const operator = client.connection.operatorService;
  try {
    const { customAttributes } = await whenKnown(() => operator.listSearchAttributes({ namespace }));
    const missing = searchAttributes.filter((name) => !Object.hasOwn(customAttributes ?? {}, name));
    if (missing.length > 0)
      await operator.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
      });
    return;
  } catch (error) {
    if (hasCode(error, grpc.alreadyExists)) return;
    if (!isForbidden(error)) throw error;
    const names = searchAttributes.map((name) => `--name ${name} --type Keyword`).join(' ');
    return {
      command: `temporal operator search-attribute create --namespace ${namespace} ${names}`,
      why: error.details,
    };
  }
};

/** Servers keep namespaces in a cache: one that was just made is unknown to its other calls for a second or more. */
const whenKnown = async <T>(call: () => Promise<T>): Promise<T> => {
  const until = Date.now() + 15_000;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!hasCode(error, grpc.notFound) || Date.now() > until) throw error;
      await pause(100);
    }
  }
};

const retentionSeconds = retentionDays * 24 * 3600;
const retention = { seconds: retentionSeconds } as never;

/** `INDEXED_VALUE_TYPE_KEYWORD` of the API. */
const keyword = 2;

const grpc = {
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  failedPrecondition: 9,
  unimplemented: 12,
  unauthenticated: 16,
} as const;

interface GrpcError extends Error {
  readonly code: number;
  readonly details: string;
}

const hasCode = (error: unknown, code: number): error is GrpcError =>
  isGrpcServiceError(error) && error.code === code;

/** Managed clusters answer one of these to calls that only their own console may make. */
const isForbidden = (error: unknown): error is GrpcError =>
  [grpc.permissionDenied, grpc.failedPrecondition, grpc.unimplemented, grpc.unauthenticated].some((code) =>
    hasCode(error, code),
  );
