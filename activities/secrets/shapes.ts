/** A kind of secret that is known by its looks. */
export interface SecretShape {
  /** Part of what stands in its place: a slug. */
  readonly name: string;
  /** Global. What the group `secret` holds is the secret; without one, all of it is. */
  readonly pattern: RegExp;
}

/**
 * A value that is given to a name of a secret (`DB_PASSWORD=…`, `"token": "…"`). Too many sound texts have such a one for work to be
 * stopped or changed by it; what is only shown to people loses nothing without it. A value that is a word of code is none.
 */
export const shownShapes: readonly SecretShape[] = [
  {
    name: 'assigned-secret',
    pattern:
      /(?:password|passwd|passphrase|secret|token|api[_-]?key|private[_-]?key)["']?\s?(?:=|:(?!:))\s?["']?(?<secret>(?=[^\s"'`]*[\d!@#%^&*?])[^\s"'`$<>{}()[\],;]{6,200})/gi,
  },
  {
    name: 'assigned-secret',
    pattern:
      /(?:password|passwd|passphrase|secret|token|api[_-]?key|private[_-]?key)["']?\s?(?:=|:(?!:))\s?["'`](?<secret>[^\s"'`$<>{}]{6,200})["'`]/gi,
  },
  {
    name: 'assigned-secret',
    pattern:
      /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_KEY)=(?<secret>[^\s"'`$<>{}]{6,200})/g,
  },
];

/**
 * Only shapes that nothing else has: a prefix that its issuer chose to be found by, with length and alphabet as they are
 * issued (the rules of gitleaks and GitHub's secret scanning are the sources). A guess by entropy would take hashes, lockfiles
 * and test data for secrets, and stop work that is sound.
 */
export const secretShapes: readonly SecretShape[] = [
  {
    name: 'private-key',
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[\s\S]{40,20000}?-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/g,
  },
  { name: 'anthropic-key', pattern: /\bsk-ant-[A-Za-z0-9_-]{20,}/g },
  { name: 'openai-key', pattern: /\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}/g },
  { name: 'google-key', pattern: /\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g },
  { name: 'google-oauth', pattern: /\bGOCSPX-[A-Za-z0-9_-]{28}/g },
  {
    name: 'github-token',
    pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b/g,
  },
  { name: 'gitlab-token', pattern: /\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|agent)-[A-Za-z0-9_-]{20,}/g },
  { name: 'slack-token', pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-\d-[A-Z0-9]+-\d+-[a-f0-9]{20,}/g },
  {
    name: 'slack-webhook',
    pattern: /https:\/\/hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/_-]{30,}/g,
  },
  {
    name: 'discord-webhook',
    pattern: /https:\/\/(?:\w+\.)?discord(?:app)?\.com\/api\/webhooks\/\d{15,}\/[A-Za-z0-9_-]{30,}/g,
  },
  { name: 'aws-key-id', pattern: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/g },
  {
    name: 'aws-secret',
    pattern:
      /\baws.{0,20}?(?:secret|key).{0,20}?[=:]\s*["']?(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
  },
  { name: 'azure-key', pattern: /\bAccountKey=(?<secret>[A-Za-z0-9+/]{86}==)/g },
  { name: 'stripe-key', pattern: /\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}/g },
  { name: 'npm-token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { name: 'pypi-token', pattern: /\bpypi-AgE[A-Za-z0-9_-]{50,}/g },
  { name: 'huggingface-token', pattern: /\bhf_[A-Za-z0-9]{34,}\b/g },
  { name: 'sendgrid-key', pattern: /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/g },
  { name: 'digitalocean-token', pattern: /\bdo[opr]_v1_[a-f0-9]{64}\b/g },
  { name: 'telegram-token', pattern: /\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b/g },
  { name: 'age-key', pattern: /\bAGE-SECRET-KEY-1[A-Z0-9]{58}\b/g },
  { name: 'jwt', pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}/g },
  {
    name: 'url-password',
    // `postgres:postgres@localhost` is in every second repository and no secret.
    pattern:
      /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"'`]{1,100}:(?<secret>(?=[^\s/@]*\d)(?=[^\s/@]*[a-z])[^\s/@"'`$<>{}]{12,200})@[a-z0-9[]/gi,
  },
  {
    name: 'bearer',
    pattern:
      /\bauthorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)\s+(?<secret>[A-Za-z0-9._~+/-]{16,}=*)/gi,
  },
];
