import { join } from 'node:path';
import type { LookName } from '../looks/index.ts';
import type { TerminalKind } from '../render/terminal.ts';
import type { Told } from '../trouble.ts';

/** Raised when question or reply change their shape, so that a `gt` and a town of two versions never guess. */
export const deskVersion = 1;

/** One line of JSON to the desk. */
export interface Question {
  readonly version: number;
  readonly look: LookName;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** What to lay lines out for; undefined when only data is wanted. */
  readonly terminal: TerminalKind | undefined;
}

/** One line of JSON from it. `unknown` is a desk of another version. */
export type Reply =
  | {
      readonly kind: 'answer';
      readonly data: unknown;
      readonly meta: Readonly<Record<string, unknown>> | undefined;
      readonly lines: readonly string[];
      readonly code: Told['code'];
    }
  | ({ readonly kind: 'trouble' } & Told)
  | { readonly kind: 'unknown' };

/** What a socket's path may have, in bytes, with the byte that ends it: 104 on macOS, 108 on Linux. */
const longestPath = 103;

/** Where the open town of this home answers; undefined where the path is too long for a socket, and `gt` asks Temporal itself. */
export const deskPath = (home: string): string | undefined => {
  const path = join(home, 'desk', 'answers.sock');
  return Buffer.byteLength(path) <= longestPath ? path : undefined;
};
