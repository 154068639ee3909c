/** One mistake in a file that a person wrote. */
export interface InputFault {
  readonly file: string;
  /** From 1; undefined when the file as a whole is at fault. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** Where in the file's own terms, e.g. `rigs.app.gates[0].run`; empty for the whole file. */
  readonly at: string;
  /** What is wrong, with what was found. */
  readonly what: string;
  /** The accepted form or the next step; may be empty. */
  readonly accepted: string;
}

/** A configuration or plan that cannot be used. Its message lists every mistake; nothing has been started. */
export class InputRejected extends Error {
  override readonly name = 'InputRejected';
  readonly faults: readonly InputFault[];

  constructor(faults: readonly InputFault[]) {
    super(faultsText(faults));
    this.faults = faults;
  }
}

/** All mistakes, one a line as `file:line:column: where: what. Accepted form.`, in the order of the file. */
export const faultsText = (faults: readonly InputFault[]): string => {
  const count = faults.length === 1 ? 'One mistake' : `${faults.length} mistakes`;
  const lines = faults.slice(0, mostLines).map(faultText);
  const rest = faults.length - lines.length;
  return [...lines, ...(rest > 0 ? [`… and ${rest} more.`] : []), `${count}; nothing was started.`].join(
    '\n',
  );
};

export const faultText = ({ file, line, column, at, what, accepted }: InputFault): string => {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  const sentence = [at, what].filter((part) => part !== '').join(': ');
  return [`${place}: ${ended(sentence)}`, ...(accepted === '' ? [] : [ended(accepted)])].join(' ');
};

const ended = (sentence: string): string => (/[.?!]$/.test(sentence) ? sentence : `${sentence}.`);

export const inFileOrder = (faults: readonly InputFault[]): InputFault[] =>
  faults.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));

const mostLines = 100;
