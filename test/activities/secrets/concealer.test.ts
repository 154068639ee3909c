import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concealedDeep, createConcealer, restored } from '../../../activities/secrets/concealer.ts';
import { secretShapes } from '../../../activities/secrets/shapes.ts';

/** Put together here, so that no scanner takes this file for a leak. */
const of = (...parts: readonly string[]): string => parts.join('');
const run = (alphabet: string, length: number): string =>
  Array.from({ length }, (_, at) => alphabet[(at * 7 + 3) % alphabet.length]).join('');
const letters = 'aB3cD4eF5gH6iJ7kL8mN9oP0qR1sT2uV';

/** One of each shape: the text that it stands in, and the secret itself. */
const corpus: Readonly<Record<string, readonly [text: string, secret: string]>> = {
  'private-key': (() => {
    const key = of(
      '-----BEGIN ',
      'OPENSSH PRIVATE KEY-----\n',
      run(letters, 120),
      '\n-----END OPENSSH PRIVATE KEY-----',
    );
    return [`key: |\n${key}\n`, key] as const;
  })(),
  'anthropic-key': plain(of('sk-', 'ant-api03-', run(letters, 40))),
  'openai-key': plain(of('sk-', 'proj-', run(letters, 48))),
  'google-key': plain(of('AI', 'za', run(letters, 35))),
  'google-oauth': plain(of('GOC', 'SPX-', run(letters, 28))),
  'github-token': plain(of('gh', 'p_', run(letters, 36))),
  'gitlab-token': plain(of('gl', 'pat-', run(letters, 20))),
  'slack-token': plain(of('xo', 'xb-', run('1234567890', 12), '-', run(letters, 24))),
  'slack-webhook': plain(of('https://hooks.', 'slack.com/services/', run(letters, 40))),
  'discord-webhook': plain(
    of('https://discord', '.com/api/webhooks/', run('123456789', 18), '/', run(letters, 60)),
  ),
  'aws-key-id': plain(of('AK', 'IA', run('ABCDEFGH234567', 16))),
  'aws-secret': (() => {
    const secret = run(letters, 40);
    return [`aws_secret_access_key = ${secret}\n`, secret] as const;
  })(),
  'azure-key': (() => {
    const secret = `${run(letters, 86)}==`;
    return [`DefaultEndpointsProtocol=https;AccountKey=${secret};`, secret] as const;
  })(),
  'stripe-key': plain(of('sk_', 'live_', run(letters, 24))),
  'npm-token': plain(of('np', 'm_', run(letters, 36))),
  'pypi-token': plain(of('pypi-', 'AgE', run(letters, 60))),
  'huggingface-token': plain(of('h', 'f_', run(letters, 34))),
  'sendgrid-key': plain(of('SG', '.', run(letters, 22), '.', run(letters, 43))),
  'digitalocean-token': plain(of('dop', '_v1_', run('0123456789abcdef', 64))),
  'telegram-token': plain(of('123456789', ':AA', run(letters, 33))),
  'age-key': plain(of('AGE-SECRET', '-KEY-1', run('QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L', 58))),
  jwt: plain(of('ey', 'J', run(letters, 20), '.ey', 'J', run(letters, 40), '.', run(letters, 43))),
  'url-password': (() => {
    const secret = 'c0rrect-h0rse-battery';
    return [`postgres://mill:${secret}@db.internal:5432/mill`, secret] as const;
  })(),
  bearer: (() => {
    const secret = run(letters, 30);
    return [`curl -H "Authorization: Bearer ${secret}"`, secret] as const;
  })(),
};

function plain(secret: string): readonly [string, string] {
  return [`const it = '${secret}'; // do not commit`, secret];
}

const concealer = createConcealer();

describe('a secret is found by its shape', () => {
  test('the corpus has every shape', () => {
    expect(Object.keys(corpus).toSorted()).toEqual(secretShapes.map(({ name }) => name).toSorted());
  });

  test.each(Object.entries(corpus))(
    '%s: taken out of a text and of JSON, and put back',
    (_, [text, secret]) => {
      for (const whole of [text, JSON.stringify({ text }), `${text}\n${text}`]) {
        const hidden = concealer.conceal(whole);
        expect(hidden).not.toContain(secret);
        expect(hidden).toMatch(/REDACTED_[A-Z_]+_[0-9a-f]{8}/);
        // What is hidden already stays as it is.
        expect(concealer.conceal(hidden)).toBe(hidden);
      }
      expect(restored(concealer.conceal(text), [text], concealer)).toEqual({ text, unknown: [] });
    },
  );
});

test('what only looks a little like one is left alone: hashes, versions, examples, passwords that everybody has', () => {
  const harmless = [
    'sha512-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08==',
    'commit 3f2a9c1b7d5e4f60718293a4b5c6d7e8f9012345',
    'postgres://postgres:postgres@localhost:5432/app',
    'https://user:$' + '{PASSWORD}@example.com',
    'const skip = "sk-";',
    'aws_region = eu-central-1',
    'Authorization: Bearer $' + '{token}',
    'the task is to write sk_test helpers',
    'f47ac10b-58cc-4372-a567-0e02b2c3d479',
  ];
  for (const text of harmless) expect(concealer.conceal(text)).toBe(text);
});

test('keys of this town are taken out by their value, wherever they stand; short ones are no keys', () => {
  const own = createConcealer(['correct-horse-battery', 'short', '  padded-value-123  ', '']);
  expect(own.conceal('a correct-horse-battery, short and padded-value-123')).toMatch(
    /^a REDACTED_OWN_SECRET_[0-9a-f]{8}, short and REDACTED_OWN_SECRET_[0-9a-f]{8}$/,
  );
});

test('a placeholder that no shown text explains is told, never guessed', () => {
  const [text, secret] = corpus['github-token'] ?? ['', ''];
  const hidden = concealer.conceal(text);
  const back = restored(hidden, ['another file'], concealer);
  expect(back.text).toBe(hidden);
  expect(back.unknown).toHaveLength(1);
  expect(restored(hidden, ['another', text], concealer).text).toContain(secret);
});

test('texts without secrets are never changed, whatever they are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
      fc.pre(concealer.found(text).length === 0);
      expect(concealer.conceal(text)).toBe(text);
      expect(restored(text, [], concealer)).toEqual({ text, unknown: [] });
    }),
  );
});

test('every string of a plain value is concealed; numbers, undefined and dates stay what they are', () => {
  const [text, secret] = corpus['npm-token'] ?? ['', ''];
  const at = new Date(0);
  const value = { list: [text, 7, undefined], deep: { text, at }, none: undefined };
  const hidden = concealedDeep(value, concealer.conceal);
  expect(JSON.stringify(hidden)).not.toContain(secret);
  expect(hidden).toMatchObject({ list: [expect.stringContaining('REDACTED'), 7, undefined], deep: { at } });
});

test('100 kB of code take a few milliseconds, and a hostile text does not stop it', () => {
  const code = 'const value = compute(input, { retries: 3, key: "abc" });\n'.repeat(1_800);
  const hostile = `${'aws'.repeat(9_000)} ${'eyJ'.repeat(9_000)} ${'https://'.repeat(5_000)} ${'-----BEGIN '.repeat(5_000)}`;
  for (const text of [code, hostile]) {
    const began = performance.now();
    concealer.conceal(text);
    expect(performance.now() - began).toBeLessThan(2_000);
  }
});
