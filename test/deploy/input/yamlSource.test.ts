import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputRejected } from '../../../deploy/input/index.ts';
import { parseYaml, readYaml } from '../../../deploy/input/yamlSource.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastown-input-'));
});
afterAll(() => rm(folder, { recursive: true }));

const refusal = async (read: () => unknown): Promise<string> => {
  try {
    await read();
  } catch (error) {
    if (error instanceof InputRejected)
      return error.message.replaceAll(`${folder}/`, '').split('\n')[0] ?? '';
    throw error;
  }
  return '';
};

const refusalOf = async (name: string, content: string | Uint8Array): Promise<string> => {
  const file = join(folder, name);
  await writeFile(file, content);
  return refusal(() => readYaml(file, 'plan'));
};

describe('readYaml refuses, by name', () => {
  test('a file that is not there', async () => {
    expect(await refusal(() => readYaml(join(folder, 'none.yaml'), 'plan'))).toBe(
      'none.yaml: there is no such file. Expected a plan in YAML.',
    );
  });

  test('a directory', async () => {
    await mkdir(join(folder, 'plans'));
    expect(await refusal(() => readYaml(join(folder, 'plans'), 'plan'))).toBe(
      'plans: this is a directory. Expected a plan in YAML.',
    );
  });

  test('what is not UTF-8', async () => {
    expect(await refusalOf('latin.yaml', Uint8Array.of(0x61, 0x3a, 0x20, 0xe9))).toBe(
      'latin.yaml: this is not UTF-8 text. Expected a plan in YAML, saved as UTF-8.',
    );
  });

  test('a file of more than 4 MiB', async () => {
    expect(await refusalOf('big.yaml', 'a'.repeat(4 * 1024 * 1024 + 1))).toBe(
      'big.yaml: it has 4194305 bytes. Expected a plan of at most 4 MiB.',
    );
  });

  test('an empty file, and one of comments only', async () => {
    expect(await refusalOf('empty.yaml', '')).toBe('empty.yaml: this plan is empty.');
    expect(await refusalOf('comments.yaml', '# later\n')).toBe('comments.yaml: this plan is empty.');
  });

  test('aliases that multiply, within a moment', async () => {
    const levels = Array.from({ length: 12 }, (_, level) =>
      level === 0
        ? 'l0: &l0 [x, x]'
        : `l${level}: &l${level} [${Array(9)
            .fill(`*l${level - 1}`)
            .join(', ')}]`,
    );
    const start = performance.now();
    expect(await refusalOf('bomb.yaml', levels.join('\n'))).toContain('Excessive alias count');
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test('brackets without end', async () => {
    expect(await refusalOf('deep.yaml', '['.repeat(1_000_000))).toBe(
      'deep.yaml: this YAML is nested too deeply.',
    );
    expect(await refusalOf('dashes.yaml', '- '.repeat(1_000_000))).toBe(
      'dashes.yaml: this YAML is nested too deeply.',
    );
  });

  test('a key that would reach the prototype of objects', async () => {
    expect(await refusalOf('proto.yaml', '__proto__:\n  beads: []\n')).toBe(
      'proto.yaml:1:1: the key "__proto__" is not taken. Remove it.',
    );
  });
});

describe('a source knows where things stand', () => {
  const source = parseYaml('a:\n  - x\n  - b: 1\n    "c d": [2, 3]\n', 'f.yaml', 'file');

  test('points at values, at keys, and at what is around a thing that is missing', () => {
    const place = ({
      line,
      column,
      at,
    }: {
      line?: number | undefined;
      column?: number | undefined;
      at: string;
    }) => `${line}:${column} ${at}`;
    expect(place(source.fault(['a', 1, 'c d', 1], ''))).toBe('4:16 a[1].c d[1]');
    expect(place(source.faultAtKey(['a', 1, 'c d'], ''))).toBe('4:5 a[1]');
    expect(place(source.fault(['a', 1, 'e', 'f'], ''))).toBe('3:5 a[1].e.f');
    expect(place(source.fault(['z'], ''))).toBe('1:1 z');
  });
});
