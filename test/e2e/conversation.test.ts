import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { workflowId } from '../../workflows/domain/naming.ts';
import { recordHistory } from '../replay/record.ts';
import { createHeldCalls } from '../support/heldCalls.ts';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
const held = createHeldCalls();

const promptsOf = (bead: string): string[] =>
  town.host.requests
    .map((call) => call.messages.map(({ content }) => content).join('\n'))
    .filter((text) => text.includes(`TASK-OF-${bead}.`));

const sh = (command: string): string => `\`\`\`sh\n${command}\n\`\`\``;
const isForNote = (prompt: string): boolean => prompt.includes('Reply only with the note, as JSON');

beforeAll(async () => {
  town = await openTestTown({
    files: { 'src/secret-number.txt': '4217\n', 'src/long.txt': 'a line of text\n'.repeat(800) },
    reply: async (bead, call) => {
      const prompts = promptsOf(bead);
      const prompt = prompts.at(-1) ?? '';
      const nth = prompts.length;
      const done = filesReply({ [`src/${bead}.txt`]: `done ${/4217/.exec(prompt)?.[0] ?? ''}\n` });
      switch (bead) {
        case 'looks':
          return nth === 1 ? sh('cat src/secret-number.txt; touch src/left-behind.txt') : done;
        case 'only-looks':
          return prompt.includes('You have only run commands') ? done : sh(`echo look ${nth}`);
        case 'offline':
          return nth === 1 ? sh('exec 3<>/dev/tcp/127.0.0.1/1 && echo reached; ls /root /home') : done;
        case 'fills':
          if (isForNote(prompt))
            return '{"done": "Read the long file.", "decisions": ["the number is not in it"], "next": "Write the file."}';
          return prompt.includes('Write the file.') ? done : sh(`cat src/long.txt # ${nth}`);
        case 'no-note':
          if (isForNote(prompt)) return 'I would rather not.';
          return prompt.includes('Where an earlier conversation left off')
            ? done
            : sh(`cat src/long.txt # ${nth}`);
        case 'calls':
          return call.tools === undefined
            ? 'I have done it.'
            : {
                text: '',
                calls: [{ name: 'write_file', arguments: { path: 'src/calls.txt', content: 'x\n' } }],
              };
        case 'no-tools':
          if (call.tools !== undefined)
            return {
              fault: 'status',
              status: 400,
              body: '{"error":{"message":"test-model does not support tools","type":"api_error"}}',
            };
          return prompt.includes('write_file') ? done : 'I have done it.';
        case 'told':
          if (nth === 1) {
            await held.answer('told');
            return filesReply({ 'src/told.txt': 'BROKEN\n' });
          }
          return done;
        default:
          return done;
      }
    },
    config: (config) => ({
      ...config,
      sandbox: 'required',
      models: { model: { name: 'test-model', context: 8_192, maxTokens: 1_024, hosts: ['host'] } },
      limits: { maxParallel: 8, minFreeGiB: 0, bead: { turns: 20, attempts: 8 } },
    }),
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

test('G9: a command that a model asks for runs in the sandbox, its output is in the next prompt, and what it changed is gone', async () => {
  const { handle } = await town.launch('see', [{ id: 'looks' }, { id: 'offline' }]);
  expect(await handle.result()).toMatchObject({ landed: 2 });
  const [, second] = promptsOf('looks');
  expect(second).toContain('$ cat src/secret-number.txt; touch src/left-behind.txt\n4217\n');
  expect(await town.repo.git('ls-tree', '-r', '--name-only', 'main')).not.toContain('left-behind');
  expect(await town.repo.git('show', 'main:src/looks.txt')).toBe('done 4217');
  const [, after] = promptsOf('offline');
  expect(after).not.toContain('\nreached\n');
  const id = workflowId.bead({ convoy: 'see', epic: 'see', bead: 'looks' });
  await recordHistory(town.client, id, 'bead-looks');
});

test('a model that only looks is told to change something', async () => {
  const { handle } = await town.launch('gaze', [{ id: 'only-looks' }]);
  expect(await handle.result()).toMatchObject({ landed: 1 });
  expect(promptsOf('only-looks')).toHaveLength(5);
  expect((await town.beadStatus('gaze', 'only-looks')).stall).toContain('commands and no change');
});

test('a conversation that fills its context is handed over, with the words of the model or without', async () => {
  const { handle } = await town.launch('full', [{ id: 'fills' }, { id: 'no-note' }]);
  expect(await handle.result()).toMatchObject({ landed: 2 });
  for (const bead of ['fills', 'no-note']) {
    const prompts = promptsOf(bead);
    expect(prompts.filter(isForNote)).toHaveLength(1);
    expect(prompts.at(-1)).not.toContain('$ cat src/long.txt');
    expect(await town.beadStatus('full', bead)).toMatchObject({
      conversation: 2,
      handover: expect.stringMatching(/^the conversation fills \d+ % of the context$/),
    });
  }
  expect(promptsOf('fills').at(-1)).toContain('Read the long file.');
  expect(promptsOf('fills').at(-1)).toContain('the number is not in it');
  expect(promptsOf('no-note').at(-1)).toContain('commands that were run: cat src/long.txt # 1');
  const id = workflowId.bead({ convoy: 'full', epic: 'full', bead: 'fills' });
  await recordHistory(town.client, id, 'bead-handed-over-full');
});

test('a model whose replies are malformed is asked in other forms, down to native tools, with or without a server for them', async () => {
  const { handle } = await town.launch('forms', [{ id: 'calls' }, { id: 'no-tools' }]);
  expect(await handle.result()).toMatchObject({ landed: 2 });
  expect(await town.repo.git('show', 'main:src/calls.txt')).toBe('x');
  const offered = town.host.requests.filter(({ tools }) => tools !== undefined);
  expect(offered[0]?.tools?.map(({ function: { name } }) => name)).toContain('replace_in_file');
  expect(promptsOf('calls')[0]).toContain('then the whole new text in a fenced block');
});

test('what a polecat is told while it works stands once in each later prompt, however often it is sent', async () => {
  const letGo = held.hold('told');
  const { handle } = await town.launch('say', [{ id: 'told' }]);
  await town.called('told');
  const bead = town.bead('say', 'told');
  const word = { id: 'w1', from: 'overseer', text: 'Use the TEAL colour.' };
  await bead.signal('nudge', word);
  await bead.signal('nudge', word);
  await bead.signal('nudge', { id: 'w2' });
  letGo();
  expect(await handle.result()).toMatchObject({ landed: 1 });
  const [first = '', second = ''] = promptsOf('told');
  expect(first).not.toContain('TEAL');
  expect(second.split('Use the TEAL colour.')).toHaveLength(2);
});
