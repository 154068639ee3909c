import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askerFor } from '../../client/asker.ts';
import { exitCode } from '../../client/exitCodes.ts';
import { ClientError } from '../../client/trouble.ts';

const terminal = () => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  let shown = '';
  output.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  return { input, output, shown: () => shown };
};

test('an empty answer takes the proposal, an unclear one is asked again', async () => {
  const { input, output, shown } = terminal();
  const asker = askerFor({ yes: false, what: 'gt init' }, { input, output });
  input.write('\n');
  expect(await asker.confirm('Use it?', true)).toBe(true);
  output.once('data', () => input.write('perhaps\n'));
  const answer = asker.confirm('And this?', true);
  output.on('data', (chunk: Buffer) => {
    if (chunk.includes('y or n')) input.write('no\n');
  });
  expect(await answer).toBe(false);
  expect(shown()).toContain('Please answer y or n.');
  input.write('\n');
  expect(await asker.text('Which', '1')).toBe('1');
});

test('the end of the input ends the command as interrupted', async () => {
  const { input, output } = terminal();
  const asked = askerFor({ yes: false, what: 'gt init' }, { input, output }).text('Which', '1');
  input.end();
  await expect(asked).rejects.toMatchObject({
    code: exitCode.interrupted,
    trouble: { what: expect.stringContaining('no file') },
  });
});

test('without a terminal and without --yes nothing is asked', () => {
  const { input, output } = { ...terminal(), input: new PassThrough() };
  expect(() => askerFor({ yes: false, what: 'gt init' }, { input, output })).toThrow(
    'gt init asks questions',
  );
  const next = (rehearses: boolean): string => {
    try {
      askerFor({ yes: false, what: 'gt init', rehearses }, { input, output });
    } catch (error) {
      if (error instanceof ClientError) return error.trouble.next;
    }
    throw new Error('asked');
  };
  expect(next(true)).toContain('--dry-run');
  expect(next(false)).not.toContain('--dry-run');
  expect(askerFor({ yes: true, what: 'gt init' }, { input, output }).asks).toBe(false);
});
