/** One change that a reply asks for. Paths are as the reply spells them, without a leading `./`; nothing is checked yet. */
export type Edit =
  | { readonly kind: 'write'; readonly path: string; readonly content: string; readonly line: number }
  | {
      readonly kind: 'replace';
      readonly path: string;
      readonly blocks: readonly Block[];
      readonly line: number;
    }
  | Deletion;

export interface Deletion {
  readonly kind: 'delete';
  readonly path: string;
  readonly line: number;
}

/** One SEARCH/REPLACE block. Texts are whole lines, each with its newline; '' is no line at all. */
export interface Block {
  readonly search: string;
  readonly replace: string;
  /** Line of the reply that the block starts at, from 1. */
  readonly line: number;
}

/** Why a reply cannot be applied. `malformed` breaks the protocol, `unsafe` asks for what no reply may do. */
export interface Fault {
  readonly kind: 'malformed' | 'unsafe';
  /** One sentence for the model. */
  readonly what: string;
  /** Line of the reply, from 1. */
  readonly line?: number;
  /** The offending line as the model wrote it. */
  readonly text?: string;
  /** Lines of the file that come nearest, already numbered. */
  readonly near?: string;
}

export interface ParsedReply {
  readonly edits: readonly Edit[];
  /** The claim that the work is on the target already. */
  readonly nothingToChange: boolean;
  readonly faults: readonly Fault[];
  /** Lines that remove a file if there is one of that name, and are prose if not. */
  readonly unsure?: readonly Deletion[];
  /** Work that the reply has found beside its own. */
  readonly proposals?: readonly ProposedBead[];
  /** The one command that the reply consists of: the model wants to see what it prints. */
  readonly command?: string;
}

/** A bead that a reply proposes, as it spells it. */
export interface ProposedBead {
  readonly title: string;
  readonly task: string;
  readonly files: readonly string[];
}
