import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exitCode } from '../../client/exitCodes.ts';
import { gt, type Ran } from '../client/gtProcess.ts';
import { openGtTown } from '../client/gtTown.ts';
import { recordHistory } from '../replay/record.ts';
import { filesReply, type TestTown } from '../support/town.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;

const isQuestion = (messages: readonly { content: string }[]): boolean =>
  JSON.stringify(messages).includes('# The question');

beforeAll(async () => {
  town = await openGtTown({
    reply: (bead, { messages, model }) =>
      isQuestion(messages)
        ? `I am ${model}. The gate said BROKEN.\u001b[31m\u0007`
        : filesReply({ [`src/${bead}.txt`]: bead === 'one' ? 'BROKEN\n' : `${bead}\n` }),
    models: { 'large-model': { context: 8_192 } },
    config: (config) => ({
      ...config,
      hosts: { host: { ...(config as { hosts: { host: object } }).hosts.host, coresident: true } },
      models: {
        ...(config['models'] as object),
        large: { name: 'large-model', context: 8_192, maxTokens: 1_000, tier: 'large', hosts: ['host'] },
        away: { name: 'no-such-model', context: 8_192, tier: 'away', hosts: ['host'] },
      },
      roles: { polecat: 'model' },
      limits: { bead: { attempts: 2, samples: 1 }, minFreeGiB: 0 },
    }),
  });
  const { handle } = await town.launch('asked', [{ id: 'one' }, { id: 'quiet', needs: ['one'] }]);
  expect(await handle.result()).toMatchObject({ blocked: 1, held: 1 });
});
afterAll(() => town?.[Symbol.asyncDispose]());

const run = (...args: string[]): Promise<Ran> => gt(args, town.folder);
const question = 'What was in your way?';

test('G9: the model that did a bead answers from its record; the answer is shown without its escapes, charged, and changes nothing', async () => {
  const before = await town.beadStatus('asked', 'one');
  const { code, out, err } = await run('seance', 'asked/asked/one', question);
  expect({ code, err, out: out.split('\n')[0] }).toEqual({
    err: '',
    code: 0,
    out: 'I am test-model. The gate said BROKEN.',
  });
  expect(out).toMatch(/model on what is recorded of asked\/asked\/one, [\d.]+k? tokens/);

  const call = town.host.requests.findLast(({ messages }) => isQuestion(messages));
  const text = JSON.stringify(call?.messages);
  for (const part of [question, 'TASK-OF-one.', 'something is BROKEN', 'ended by', 'src/one.txt'])
    expect(text).toContain(part);
  expect(await town.beadStatus('asked', 'one')).toEqual(before);
  const log = await run('bead', 'log', 'asked/seance/one', '--json');
  expect((JSON.parse(log.out) as { data: { turn: number; model: string }[] }).data).toMatchObject([
    { turn: 1, model: 'model' },
  ]);
  await recordHistory(town.client, 'seance/asked/asked/one/1', 'seance');
});

test('another model may be asked, within its own smaller context; the second question has the next number', async () => {
  const { out } = await run('seance', 'asked/asked/one', question, '--model', 'large', '--json');
  expect(JSON.parse(out)).toMatchObject({
    data: {
      model: 'large',
      answer: expect.stringContaining('I am large-model'),
      workflow: 'seance/asked/asked/one/2',
    },
  });
  // In JSON it is escaped, not stripped.
  expect(out).not.toContain('\u001b');
});

test('G10: an unknown bead, one that said nothing, an empty question and a model that nobody serves are told apart', async () => {
  const unknown = await run('seance', 'asked/asked/ones', question);
  expect(unknown).toMatchObject({
    code: exitCode.badInput,
    err: expect.stringContaining('Did you mean asked/asked/one'),
  });
  const quiet = await run('seance', 'asked/asked/quiet', question);
  expect(quiet.code).not.toBe(0);
  expect((await run('seance', 'asked/asked/one', '  ')).err).toContain('The question is empty.');
  expect(await run('seance', 'asked/asked/one', question, '--model', 'larg')).toMatchObject({
    code: exitCode.badInput,
    err: expect.stringContaining('Did you mean large?'),
  });
  expect(await run('seance', 'asked/asked/one', question, '--model', 'away')).toMatchObject({
    code: exitCode.refused,
    err: expect.stringContaining('--model model'),
  });
  const asked = town.host.requests.filter(({ messages }) => isQuestion(messages));
  expect(asked).toHaveLength(2);
});
