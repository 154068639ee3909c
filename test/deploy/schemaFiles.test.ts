import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { configJsonSchema } from '../../deploy/config/index.ts';
import { planJsonSchema } from '../../deploy/plan/index.ts';

const files = [
  ['gastown.schema.json', configJsonSchema],
  ['plan.schema.json', planJsonSchema],
] as const;

describe('the JSON Schemas for editors are those of the code (UPDATE=1 writes them)', () => {
  for (const [name, schema] of files) {
    test(name, async () => {
      const url = new URL(`../../deploy/schema/${name}`, import.meta.url);
      const current = schema();
      if (process.env['UPDATE'] !== undefined) await writeFile(url, `${JSON.stringify(current, null, 2)}\n`);
      expect(JSON.parse(await readFile(url, 'utf8'))).toEqual(current);
    });
  }
});
