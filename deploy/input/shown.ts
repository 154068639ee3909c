import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import type { Path } from './yamlSource.ts';

/** What was found, in words: short, harmless for a terminal, and never a secret (G9). */
export const shown = (value: unknown, path: Path): string => {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty map' : 'a map';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = String(value);
  if (String(path.at(-1)).startsWith('apiKey')) return `a text of ${text.length} characters (not shown here)`;
  if (text.trim() === '') return 'an empty text';
  const harmful = plainLines(text) !== text ? ' (with control characters)' : '';
  return `"${oneLine(withoutPassword(text), 60)}"${harmful}`;
};

/** A text whose URLs have lost the user and password they may carry: over HTTPS the user alone may be a token. */
export const withoutPassword = (text: string): string =>
  text.replaceAll(/(ssh:)?\/\/([^/@\s]*)@/gi, (whole, ssh: string | undefined, user: string) =>
    ssh !== undefined && !user.includes(':') ? whole : `${ssh ?? ''}//…@`,
  );
