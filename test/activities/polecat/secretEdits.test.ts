import { expect, test } from 'vitest';
import { leakFaults, withSecrets } from '../../../activities/polecat/secretEdits.ts';
import { createConcealer } from '../../../activities/secrets/concealer.ts';

const concealer = createConcealer();
/** Put together here, so that no scanner takes this file for a leak. */
const token = ['gh', 'p_', 'aB3cD4eF5gH6iJ7kL8mN9oP0qR1sT2uV4wXy'].join('');
const file = `token = ${token}\nspeed = 1\n`;
const change = (text: string) => ({ path: 'src/a.txt', bytes: Buffer.from(text), mode: '100644' as const });

test('blocks find and keep the secret that they were shown a placeholder of', () => {
  const search = concealer.conceal(`token = ${token}\n`);
  const edit = {
    kind: 'replace' as const,
    ...{ path: 'src/a.txt', line: 1 },
    blocks: [{ search, replace: `# kept\n${search}`, line: 2 }],
  };
  expect(withSecrets([edit], [file], concealer)).toEqual({
    edits: [
      {
        ...edit,
        blocks: [{ search: `token = ${token}\n`, replace: `# kept\ntoken = ${token}\n`, line: 2 }],
      },
    ],
    faults: [],
  });
});

test('G9: a secret that only the finished file has is refused by its kind, and its value is not told', () => {
  const [fault] = leakFaults([change(file)], ['speed = 1\n'], concealer);
  expect(fault).toMatchObject({ kind: 'unsafe', what: expect.stringContaining('(github-token)') });
  expect(JSON.stringify(fault)).not.toContain(token);
  // What was there may stay.
  expect(leakFaults([change(`${file}more\n`)], [file], concealer)).toEqual([]);
  expect(leakFaults([{ ...change(''), bytes: undefined }], [], concealer)).toEqual([]);
});
