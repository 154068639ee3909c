import { afterAll, describe, expect, it } from 'vitest';
import type { Note } from '../../../activities/polecat/noteText.ts';
import { openWorktree, removeHomes } from './worktree.ts';

afterAll(removeHomes);

type Town = Awaited<ReturnType<typeof openWorktree>>;
const noteOf = async (town: Town, ref: string): Promise<Note> =>
  JSON.parse(await town.blobs.get(ref)) as Note;

describe('a hand-over note', () => {
  it('G6: is made of git and the last failure', async () => {
    const town = await openWorktree({ 'src/a.ts': 'a\n' });
    const result = await town.applyReply(await town.applying('src/a.ts\n```\nb\nc\n```\n'));
    if (result.outcome !== 'applied') throw new Error(result.outcome);
    const ref = await town.blobs.put('not ok 1 - greets');
    const feedback = [{ kind: 'gates', summary: 'test: exit 1', ref }] as const;
    const { noteRef, head } = await town.writeNote(town.noting({ reason: 'the context is full', feedback }));
    expect(head).toBe(result.head);
    expect(await noteOf(town, noteRef)).toEqual({
      version: 1,
      goal: 'Greet people by name',
      done: expect.stringContaining('1 file(s)'),
      failing: 'test: exit 1\nnot ok 1 - greets',
      files: ['src/a.ts +2 -1'],
      decisions: ['handed over because: the context is full'],
      next: 'Repair what the checks report.',
    });
    expect((await town.writeNote(town.noting({ reason: 'the context is full', feedback }))).noteRef).toBe(
      noteRef,
    );
  });

  it('G6: names the test that is red beside a reply that was refused since', async () => {
    const town = await openWorktree({ 'src/a.ts': 'a\n' });
    const red = {
      kind: 'gates',
      summary: 'test: exit 1',
      ref: await town.blobs.put('not ok 1 - greets'),
    } as const;
    const refusal = { kind: 'malformed', summary: 'no path before the block', ref: '' } as const;
    const { noteRef } = await town.writeNote(town.noting({ reason: 'circles', feedback: [red, refusal] }));
    expect((await noteOf(town, noteRef)).failing).toBe(
      'no path before the block\ntest: exit 1\nnot ok 1 - greets',
    );
  });

  it('asks a bead that makes a report for its report, and no other kind of bead', async () => {
    const town = await openWorktree({ 'src/a.ts': 'a\n' });
    const feedback = [{ kind: 'looked', summary: 'looked: ls (exit 0)', ref: '' }] as const;
    const { spec, ...noting } = town.noting({ feedback });
    const nextOf = async (output?: 'report'): Promise<string> => {
      const own = output === undefined ? spec : { ...spec, output };
      return (await noteOf(town, (await town.writeNote({ ...noting, spec: own })).noteRef)).next;
    };
    expect(await nextOf()).toContain('changed files');
    expect(await nextOf('report')).toBe('Enough was looked at: write the report.');
  });

  it('G9: leaves what commands wrote into the worktree out of the branch', async () => {
    const town = await openWorktree({
      'src/a.ts': 'a\n',
      'package.json': '{"scripts":{"test":"node --test"}}\n',
    });
    await town.write('package.json', '{"scripts":{"test":"true"}}\n');
    await town.write('coverage/index.html', 'litter\n');
    expect((await town.writeNote(town.noting())).head).toBe(town.base);
  });

  it('G5: finds work whose result was lost on the way', async () => {
    const town = await openWorktree({ 'src/a.ts': 'a\n' });
    const lost = await town.applyReply(await town.applying('src/a.ts\n```\nb\n```\n'));
    await town.write('src/a.ts', 'a\n');
    expect(await town.writeNote(town.noting())).toMatchObject({
      head: lost.outcome === 'applied' && lost.head,
    });
  });

  it('stays under about 800 tokens', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 90 }, (_, at) => [`src/a/long/folder/file${at}.ts`, 'x\n']),
    );
    const town = await openWorktree({});
    const reply = Object.keys(files)
      .map((path) => `${path}\n\`\`\`\nx\n\`\`\`\n`)
      .join('');
    await town.applyReply(await town.applying(reply));
    const ref = await town.blobs.put('"\\ \u001b[31mé'.repeat(9_000));
    const { noteRef } = await town.writeNote(
      town.noting({ reason: 'r'.repeat(5_000), feedback: [{ kind: 'gates', summary: 's', ref }] }),
    );
    expect((await town.blobs.get(noteRef)).length).toBeLessThanOrEqual(2_640);
    expect((await noteOf(town, noteRef)).files.length).toBeGreaterThan(5);
  });
});
