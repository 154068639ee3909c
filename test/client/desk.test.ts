import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { askDesk } from '../../client/desk/askDesk.ts';
import { type Desk, openDesk } from '../../client/desk/openDesk.ts';
import { deskPath, deskVersion, type Question } from '../../client/desk/wire.ts';
import { exitCode } from '../../client/exitCodes.ts';
import { readRecord, writeRecord } from '../../deploy/town/record.ts';
import { createHeldCalls } from '../support/heldCalls.ts';
import { filesReply, type TestTown } from '../support/town.ts';
import { gt, type Ran } from './gtProcess.ts';
import { openGtTown } from './gtTown.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
let desk: Desk;
let socket = '';
const held = createHeldCalls();

beforeAll(async () => {
  town = await openGtTown({
    reply: async (bead) => {
      await held.answer(bead);
      return filesReply({ [`src/${bead}.txt`]: `${bead}\n` });
    },
  });
  desk = await openDesk({ config: town.config, client: town.client });
  socket = deskPath(town.config.home) ?? '';
  held.hold('second');
  await town.launch('demo', [{ id: 'first' }, { id: 'second', needs: ['first'] }]);
  await town.called('second');
});
afterAll(async () => {
  held.releaseAll();
  await desk?.[Symbol.asyncDispose]();
  await town?.[Symbol.asyncDispose]();
});

const run = (...args: string[]): Promise<Ran> => gt(args, town.folder);

/** With the desk out of reach, so that `gt` asks Temporal itself. */
const withoutDesk = async <T>(act: () => Promise<T>): Promise<T> => {
  await rename(socket, `${socket}.away`);
  try {
    return await act();
  } finally {
    await rename(`${socket}.away`, socket);
  }
};

/** With Temporal out of reach of `gt`, so that what it answers comes from the desk. */
const onlyAtDesk = async <T>(act: () => Promise<T>): Promise<T> => {
  const record = await readRecord(town.config.home);
  if (record === undefined) throw new Error('no record');
  await writeRecord(town.config.home, { ...record, address: '127.0.0.1:1' });
  try {
    return await act();
  } finally {
    await writeRecord(town.config.home, record);
  }
};

const looks = [
  'status',
  'polecats',
  'polecats demo',
  'convoy list',
  'convoy list --running',
  'convoy status demo',
  'bead show demo/demo/first',
  'plan list',
  'refinery status',
  'refinery queue',
  'refinery queue rigg',
  'inbox',
  'report demo --md',
  'convoy status demp',
];

/** What differs from one moment to the next: times, tokens of calls that run, the address that one of the two has not. */
const timeless = ({ code, out, err }: Ran): Ran => ({
  code,
  out: out.replaceAll(/\d+(\.\d+)? (ms|s|min|h)\b|127\.0\.0\.1:\d+/g, '…').replaceAll(/ {2,}/g, '  '),
  err,
});

test.each(looks)(
  'gt %s %s %s says the same at the desk of the open town as from Temporal',
  async (...words) => {
    const args = words.filter((word) => word !== undefined);
    const atDesk = await onlyAtDesk(() => run(...args));
    const itself = await withoutDesk(() => run(...args));
    expect(timeless(atDesk)).toEqual(timeless(itself));
    expect(`${itself.out}${itself.err}`).not.toBe('');
  },
);

test('an answer in JSON and a refusal with its exit code come from the desk as well', async () => {
  const status = await onlyAtDesk(() => run('convoy', 'status', 'demo', '--json'));
  expect(JSON.parse(status.out)).toMatchObject({ data: { convoy: 'demo' }, meta: { exitCode: 0 } });
  const refused = await onlyAtDesk(() => run('bead', 'show', 'demo/demo/thrid', '--json'));
  expect(refused.code).toBe(exitCode.badInput);
  expect(JSON.parse(refused.out)).toMatchObject({ data: null, error: { type: 'NotFound' } });
});

test('G9: whatever else is sent to the desk is answered as unknown, and it goes on', async () => {
  const question: Question = {
    version: deskVersion,
    look: 'status',
    args: [],
    options: {},
    terminal: undefined,
  };
  const strange = [
    '\n',
    'GET / HTTP/1.1\r\n\r\n',
    `${JSON.stringify({ ...question, version: deskVersion + 1 })}\n`,
    `${JSON.stringify({ ...question, look: 'down' })}\n`,
    `${JSON.stringify({ ...question, look: 'toString' })}\n`,
    `${JSON.stringify({ ...question, args: 'x' })}\n`,
    'x'.repeat(1_000_000),
  ];
  for (const line of strange) expect(await said(line)).toEqual({ kind: 'unknown' });
  const away = connect(socket);
  away.end(`${JSON.stringify(question)}\n`).destroy();
  expect(await askDesk(town.config.home, question)).toMatchObject({ kind: 'answer', code: 0 });
});

const said = async (line: string): Promise<unknown> => {
  const stream = connect(socket);
  stream.on('error', () => {});
  stream.end(line);
  return JSON.parse(await text(stream));
};

test('nobody but the person reaches the desk, and a socket that a killed town left is no obstacle', async () => {
  expect((await stat(dirname(socket))).mode & 0o777).toBe(0o700);
  await using _second = await openDesk({ config: town.config, client: town.client });
  expect((await onlyAtDesk(() => run('convoy', 'list'))).out).toContain('demo running');
});

test('G5: a desk that closes while somebody asks takes nothing else with it', async () => {
  const home = await mkdtemp(join(tmpdir(), 'gt-desk-'));
  const second = await openDesk({ config: { ...town.config, home }, client: town.client });
  const slow = connect(deskPath(home) ?? '');
  slow.on('error', () => {}).write('half a question');
  // Served in the order in which they came: this one's answer says that the other is open.
  await askDesk(home, { look: 'status', args: [], options: {}, terminal: undefined });
  const gone = once(slow.resume(), 'close');
  await second[Symbol.asyncDispose]();
  await gone;
  await rm(home, { recursive: true });
});

test('a home in which the desk has no place opens without one', async () => {
  const home = await mkdtemp(join(tmpdir(), 'gt-desk-'));
  await writeFile(join(home, 'desk'), 'a file of somebody');
  await using _none = await openDesk({ config: { ...town.config, home }, client: town.client });
  expect(await readFile(join(home, 'desk'), 'utf8')).toBe('a file of somebody');
  await rm(home, { recursive: true });
});

test('a home whose path is too long for a socket has no desk, and none is missed', async () => {
  const home = join('/tmp', 'deep'.repeat(30));
  expect(deskPath(home)).toBeUndefined();
  await using _none = await openDesk({ config: { ...town.config, home }, client: town.client });
  expect(await askDesk(home, { look: 'status', args: [], options: {}, terminal: undefined })).toBeUndefined();
});
