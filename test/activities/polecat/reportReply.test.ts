import { readFile } from 'node:fs/promises';
import { afterAll, expect, it } from 'vitest';
import { createFormCounts } from '../../../activities/polecat/formCounts.ts';
import { openWorktree, removeHomes } from './worktree.ts';

afterAll(removeHomes);

const command = '```sh\ngrep -rn parse src\n```';
const report = `# How it is built\n\n${'The parser reads the file line by line. '.repeat(8)}\n\n${command}\n`;

const reply = async (text: string) => {
  const town = await openWorktree({ 'src/a.ts': 'a\n' });
  const request = await town.applying(text);
  const spec = { ...request.spec, output: 'report' as const };
  return { town, result: await town.applyReply({ ...request, spec, form: 'whole' }) };
};

it('a report that shows a command is a report: nothing of it is run', async () => {
  const { town, result } = await reply(report);
  expect(result).toMatchObject({ outcome: 'report' });
  expect(await readFile(town.home.report({ convoy: 'c', epic: 'e', bead: 'b' }), 'utf8')).toContain(command);
});

it('a command alone is a look, also for a bead that makes a report', async () => {
  const { result } = await reply(`Let me look first.\n\n${command}\n`);
  expect(result).toMatchObject({ outcome: 'look', command: 'grep -rn parse src' });
});

it('a report that is refused says nothing of how well a model keeps to the form of changes', async () => {
  const { town, result } = await reply('I have nothing to say.');
  expect(result).toMatchObject({ outcome: 'refused' });
  const counts = await createFormCounts(town.home).read('m');
  expect(counts.every(({ wellFormed, malformed }) => wellFormed + malformed === 0)).toBe(true);
});
