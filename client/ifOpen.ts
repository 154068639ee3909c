import type { Client } from '@temporalio/client';
import type { Call } from './call.ts';
import { exitCode } from './exitCodes.ts';
import { ClientError } from './trouble.ts';

/** The client of an open town; undefined when it is closed, for commands that can tell something all the same. */
export const clientIfOpen = async (call: Call<object>): Promise<Client | undefined> => {
  try {
    return (await call.town()).client;
  } catch (error) {
    if (error instanceof ClientError && error.code === exitCode.townDown) return;
    throw error;
  }
};
