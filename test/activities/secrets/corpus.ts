/** Put together here, so that no scanner takes this file for a leak. */
export const of = (...parts: readonly string[]): string => parts.join('');
export const run = (alphabet: string, length: number): string =>
  Array.from({ length }, (_, at) => alphabet[(at * 7 + 3) % alphabet.length]).join('');
export const letters = 'aB3cD4eF5gH6iJ7kL8mN9oP0qR1sT2uV';

/** One of each shape: the text that it stands in, and the secret itself. */
export const corpus: Readonly<Record<string, readonly [text: string, secret: string]>> = {
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
