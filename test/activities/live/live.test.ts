import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { homeAt } from '../../../activities/home.ts';
import { createHoldBack } from '../../../activities/live/holdBack.ts';
import { createLive, removeLive, sweepLive } from '../../../activities/live/live.ts';
import { createConcealer } from '../../../activities/secrets/concealer.ts';
import { corpus } from '../secrets/corpus.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastown-live-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const bead = { convoy: 'c', epic: 'e', bead: 'b' };

/** A text in pieces of these lengths. */
const pieces = (text: string, lengths: readonly number[]): readonly string[] => {
  const all: string[] = [];
  let at = 0;
  for (let turn = 0; at < text.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    all.push(text.slice(at, at + length));
    at += length;
  }
  return all;
};

describe('a text that comes in pieces', () => {
  const own = 'a pass phrase\nof two lines 4711';
  const concealer = createConcealer([own, 'hunter2-hunter2']);
  const secrets = [own, 'hunter2-hunter2', ...Object.values(corpus).map(([, secret]) => secret)];
  const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
  const filler = fc.constantFrom(
    '',
    'a word ',
    'one line\nand another\n',
    '{"key": "',
    '\n\n',
    'x'.repeat(300),
  );

  test('G9: holds no secret, wherever the pieces end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(filler, fc.constantFrom(...Object.values(corpus).map(([text]) => text), own)), {
          minLength: 1,
          maxLength: 4,
        }),
        lengths,
        (parts, cuts) => {
          const hold = createHoldBack(concealer);
          const text = parts.map(([before, secret]) => `${before}\n${secret}\n`).join('');
          const shown = pieces(text, cuts).map(hold.add).join('') + hold.end();
          for (const secret of secrets) expect(shown).not.toContain(secret);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('is all there in the end when there is no secret in it, and line by line before', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), lengths, (text, cuts) => {
        const hold = createHoldBack(createConcealer());
        expect(pieces(text, cuts).map(hold.add).join('') + hold.end()).toBe(text);
      }),
    );
    const hold = createHoldBack(createConcealer());
    expect([hold.add('one\ntw'), hold.add('o\n'), hold.add('three'), hold.end()]).toEqual([
      'one\n',
      'two\n',
      '',
      'three',
    ]);
  });

  test('of one endless line shows its words, and of an endless word that there is one', () => {
    const hold = createHoldBack(createConcealer());
    expect(hold.add('word '.repeat(500)).length).toBeGreaterThan(2_000);
    expect(hold.add(`\n${'x'.repeat(9_000)}`)).toContain('\n');
    expect(hold.add('y')).toBe('…');
  });
});

describe('the live log of a bead', () => {
  const home = () => homeAt(folder);
  const text = () => readFile(home().live(bead), 'utf8');

  test('has the reply and what the gates say beneath it, and begins anew with the next turn', async () => {
    const live = createLive(home());
    const reply = live.turn(bead, 'turn 1, small on desk');
    reply.write('first line\nsecond');
    reply.write(' line');
    await reply.end();
    const gates = live.more(bead, 'gates');
    const [one, two] = [Buffer.from('grün').subarray(0, 3), Buffer.from('grün').subarray(3)];
    gates.write(one);
    gates.write(two);
    await gates.end();
    expect(await text()).toMatch(
      /^== \S+ turn 1, small on desk\nfirst line\nsecond line\n== \S+ gates\ngrün\n$/,
    );
    await live.turn(bead, 'turn 2').end();
    expect(await text()).toMatch(/^== \S+ turn 2\n\n$/);
  });

  test('is bounded, goes with the bead, and is swept when nobody wrote to it for long', async () => {
    const live = createLive(home());
    const reply = live.turn(bead, 'turn 3');
    for (let at = 0; at < 40; at++) reply.write(`${'flood '.repeat(2_000)}\n`);
    await reply.end();
    expect((await text()).length).toBeLessThan(300_000);
    expect(await text()).toContain('the rest is not shown live');
    await removeLive(home(), bead);
    await removeLive(home(), bead);
    await expect(text()).rejects.toThrow('ENOENT');

    await live.turn(bead, 'turn 4').end();
    await sweepLive(folder, Date.now() - 60_000);
    expect(await text()).toContain('turn 4');
    const long = new Date(Date.now() - 3_600_000);
    await utimes(home().live(bead), long, long);
    await sweepLive(folder, Date.now() - 60_000);
    await expect(text()).rejects.toThrow('ENOENT');
  });

  test('G9: shows no password that is given to a name, and leaves code as it is', async () => {
    const reply = createLive(home()).turn(bead, 'turn 5');
    reply.write('db password=hunt');
    reply.write('er2xyz now\nDB_PASSWORD=swordfish\n{"token": "swordfish"}\npasswd: s3cr3t!\n');
    reply.write('const password = options.password;\n(token: string) => login(password=password)\n');
    await reply.end();
    const shown = await text();
    for (const secret of ['hunter2xyz', 'swordfish', 's3cr3t!']) expect(shown).not.toContain(secret);
    expect(shown).toContain('REDACTED_ASSIGNED_SECRET_');
    expect(shown).toContain(
      'const password = options.password;\n(token: string) => login(password=password)\n',
    );
  });

  test('that cannot be written costs nobody anything', async () => {
    const blocked = join(folder, 'a-file');
    await writeFile(blocked, '');
    const log = createLive(homeAt(blocked)).turn(bead, 'turn 1');
    log.write('text\n');
    await log.end();
  });
});
