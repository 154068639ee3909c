/** What `gt` ends with. Scripts may rely on these; `gt help exit-codes` prints them. */
export const exitCode = {
  ok: 0,
  failed: 1,
  badInput: 2,
  townDown: 3,
  refused: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

const meanings: Readonly<Record<keyof typeof exitCode, string>> = {
  ok: 'Done, or what was asked about is well.',
  failed: 'It was done or looked up, but the thing itself failed:\n      a bead is blocked, a convoy failed.',
  badInput:
    'The command, the configuration, the plan or a name is wrong.\n      Nothing was started or changed.',
  townDown: 'The town is not open, or its Temporal server or workers do not answer.',
  refused: 'The town understood the request and refused it, for the reason that it\n      gives.',
  interrupted: 'Ended by Ctrl-C or SIGTERM before it was done. What the town does goes\n      on.',
};

/** The table of `gt help exit-codes`. */
export const exitCodesHelp = (): string =>
  Object.entries(exitCode)
    .map(([name, code]) => `${String(code).padStart(4)}  ${meanings[name as keyof typeof exitCode]}`)
    .join('\n');
