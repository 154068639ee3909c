import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { workflowId } from '../../workflows/domain/naming.ts';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** Put together here, so that no scanner takes this file for a leak. */
const inRepository = ['gh', 'p_', 'aB3cD4eF5gH6iJ7kL8mN9oP0qR1sT2uV4wXy'].join('');
const printed = ['AK', 'IA', 'QWERTYUIOPASDFGH'].join('');
const fresh = ['np', 'm_', 'zY9xW8vU7tS6rQ5pO4nM3lK2jI1hG0fEdCbA'].join('');
const own = 'correct-horse-battery-staple';

let town: TestTown;

const promptsOf = (bead: string): string[] =>
  town.host.requests
    .filter((call) => JSON.stringify(call.messages).includes(`TASK-OF-${bead}.`))
    .map(({ messages }) => messages.map(({ content }) => content).join('\n'));

/** The placeholder of the first secret that a prompt of this bead shows. */
const shownIn = (bead: string): string => /REDACTED_\w+/.exec(promptsOf(bead).join('\n'))?.[0] ?? 'NONE';

beforeAll(async () => {
  process.env['SECRETS_TEST_KEY'] = own;
  town = await openTestTown({
    files: {
      'src/settings.txt': `name = mill\ntoken = ${inRepository}\nspeed = 1\n`,
      'check.sh': `#!/bin/sh\nif grep -rqs BROKEN src; then echo "failed with ${own} and ${printed}"; exit 1; fi\n`,
    },
    reply: (bead) => {
      const nth = promptsOf(bead).length;
      switch (bead) {
        case 'settings':
          return filesReply({
            'src/settings.txt': `name = mill\ntoken = ${shownIn(bead)}\nspeed = ${nth === 1 ? 'BROKEN' : 2}\n`,
          });
        case 'leaks':
          return filesReply({ 'src/leaks.txt': nth === 1 ? `key = ${fresh}\n` : 'key = read from KEY\n' });
        case 'steals':
          return filesReply({
            'src/steals.txt': nth === 1 ? 'key = REDACTED_GITHUB_TOKEN_0a1b2c3d\n' : 'nothing\n',
          });
        default:
          return 'Done.';
      }
    },
    config: (config) => ({
      ...config,
      hosts: {
        host: { ...(config as { hosts: { host: object } }).hosts.host, apiKeyEnv: 'SECRETS_TEST_KEY' },
      },
    }),
  });
});
afterAll(async () => {
  delete process.env['SECRETS_TEST_KEY'];
  await town?.[Symbol.asyncDispose]();
});

test('G9: secrets of files, gates and the town’s own keys reach no model, transcript, log or history; work goes on around them', async () => {
  const { handle } = await town.launch('hidden', [
    { id: 'settings', files: ['src/settings.txt'] },
    { id: 'leaks' },
    { id: 'steals' },
  ]);
  expect(await handle.result()).toMatchObject({ landed: 3 });

  // The file keeps its key, though the model never saw it.
  expect(await town.repo.show('main', 'src/settings.txt')).toBe(
    `name = mill\ntoken = ${inRepository}\nspeed = 2\n`,
  );
  expect(promptsOf('settings')[1]).toMatch(/failed with REDACTED_OWN_SECRET_\w+ and REDACTED_AWS_KEY_ID_\w+/);
  // A new one is refused by its kind, without its value, and so is one that is only claimed.
  expect(promptsOf('leaks')[1]).toMatch(
    /Refused: REDACTED_NPM_TOKEN_\w+ stands for a secret that none of the files you change has/,
  );
  expect(promptsOf('steals')[1]).toContain('Refused: REDACTED_GITHUB_TOKEN_0a1b2c3d stands for a secret');
  expect(await town.repo.git('log', '--all', '-p', '--format=%B', 'main')).not.toContain(fresh);

  const beads = ['settings', 'leaks', 'steals'];
  const ids = [
    workflowId.convoy('hidden'),
    workflowId.epic('hidden', 'hidden'),
    workflowId.refinery('rig', 'main'),
    ...beads.map((bead) => workflowId.bead({ convoy: 'hidden', epic: 'hidden', bead })),
  ];
  const histories = await Promise.all(
    ids.map(async (id) => JSON.stringify(await town.client.workflow.getHandle(id).fetchHistory())),
  );
  const prompts = beads.flatMap(promptsOf);
  const kept = await textsBelow(
    ['blobs', 'transcripts', 'logs'].map((folder) => join(town.config.home, folder)),
  );
  expect(kept.length).toBeGreaterThan(10);
  for (const secret of [inRepository, printed, own]) {
    const encoded = Buffer.from(secret).toString('base64').slice(0, -4);
    for (const text of [...histories, ...prompts, ...kept]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(encoded);
    }
  }
});

/** Every file below these folders, as text. */
const textsBelow = async (folders: readonly string[]): Promise<string[]> => {
  const texts: string[] = [];
  for (const folder of folders) {
    const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const file of found)
      if (file.isFile()) texts.push(await readFile(join(file.parentPath, file.name), 'utf8'));
  }
  return texts;
};
