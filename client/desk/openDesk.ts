import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Client } from '@temporalio/client';
import type { TownConfig } from '../../deploy/config/index.ts';
import { readRecord } from '../../deploy/town/record.ts';
import { laidOut } from '../answer.ts';
import type { Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { type Look, looks } from '../looks/index.ts';
import type { Reached } from '../reach.ts';
import { terminalLike } from '../render/terminal.ts';
import { isNotFound, told } from '../trouble.ts';
import { withKnownNames } from '../unknownName.ts';
import { deskPath, deskVersion, type Question, type Reply } from './wire.ts';

interface Options {
  readonly config: TownConfig;
  readonly client: Client;
}

interface Desked extends Options {
  readonly looks: ReadonlyMap<string, Look>;
}

export interface Desk {
  [Symbol.asyncDispose](): Promise<void>;
}

const noDesk: Desk = { [Symbol.asyncDispose]: async () => {} };

/** A question is a command line; whoever sends more is nobody of ours. */
const longestQuestion = 256 * 1_024;

/**
 * Answers looks at the open town on a socket in its home, from the process that keeps it: that has Temporal's client loaded and
 * connected, which costs a `gt` of its own more than all else it does. Only looks: what changes something goes by Temporal alone.
 * Without a desk every command works all the same.
 */
export const openDesk = async ({ config, client }: Options): Promise<Desk> => {
  const path = deskPath(config.home);
  if (path === undefined) return noDesk;
  // All at once and before the first question: code that is changed while the town runs must not meet code that is not.
  const loaded = await Promise.all(
    Object.entries(looks).map(async ([name, load]) => [name, await load()] as const),
  );
  const desk: Desked = { config, client, looks: new Map(loaded) };
  // A full disk, or one that knows no modes: the town opens all the same.
  if (!(await isCleared(path))) return noDesk;
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    // Whoever asked has gone away.
    socket.on('error', () => {});
    // One that is cut while it asks would otherwise end the whole town's process.
    serve(socket, desk).catch(() => socket.destroy());
  });
  server.on('error', () => {});
  const listening = Promise.withResolvers<void>();
  server.once('error', () => listening.resolve());
  server.listen(path, () => listening.resolve());
  await listening.promise;
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await rm(path, { force: true });
    },
  };
};

/** Whether there is a place for a socket that nobody else reaches. */
const isCleared = async (path: string): Promise<boolean> => {
  try {
    // The folder, not the socket, keeps others out: a socket is there for all until its mode is set.
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await chmod(dirname(path), 0o700);
    // The home is locked by us, so this one is of a town that was killed.
    await rm(path, { force: true });
    return true;
  } catch {
    return false;
  }
};

const serve = async (socket: Socket, desk: Desked): Promise<void> => {
  let line = '';
  socket.setEncoding('utf8');
  for await (const part of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
    line += part;
    if (line.includes('\n') || line.length > longestQuestion) break;
  }
  socket.end(`${JSON.stringify(await replyTo(line, desk))}\n`);
};

const replyTo = async (line: string, desk: Desked): Promise<Reply> => {
  const question = questionOf(line);
  const look = question && desk.looks.get(question.look);
  if (question === undefined || look === undefined) return { kind: 'unknown' };
  try {
    const call = await callOf(question, desk);
    const answer = await look(call, ...question.args);
    const { data, meta, code } = answer;
    const lines = question.terminal === undefined ? [] : laidOut(answer, terminalLike(question.terminal));
    return { kind: 'answer', data: data ?? null, meta, lines, code: code ?? 0 };
  } catch (error) {
    const trouble = told(isNotFound(error) ? await withKnownNames(error, desk.client) : error);
    // The server may have come back on another port since: whoever asks reads that from `town.json`, and has a client of its own.
    const isCutOff = trouble?.code === exitCode.townDown;
    return trouble === undefined || isCutOff ? { kind: 'unknown' } : { kind: 'trouble', ...trouble };
  }
};

const questionOf = (line: string): Question | undefined => {
  try {
    const question = JSON.parse(line) as Question;
    return question.version === deskVersion && Array.isArray(question.args) ? question : undefined;
  } catch {
    return;
  }
};

/** As if the command ran in a process of its own that has found this town. */
const callOf = async ({ options }: Question, { config, client }: Desked): Promise<Call<object>> => {
  const record = await readRecord(config.home);
  if (record === undefined) throw new Error('an open town has a record');
  const place = { home: config.home, config, fault: undefined, record };
  const town: Reached = { ...place, client, [Symbol.asyncDispose]: async () => {} };
  return {
    options,
    place: async () => place,
    configured: async () => place,
    town: async () => town,
    glance: async () => town,
  };
};
