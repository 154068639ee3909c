/** Where one answer has another form than a recorded one: a path and what is wrong with it, for each. Values may differ. */
export const shapeFaults = (recorded: unknown, made: unknown, at = '$'): readonly string[] => {
  const [was, is] = [kindOf(recorded), kindOf(made)];
  if (was !== is) return [`${at}: recorded ${was}, made ${is}`];
  if (Array.isArray(recorded) && Array.isArray(made)) {
    const [first] = recorded;
    return first === undefined
      ? []
      : made.flatMap((one, index) => shapeFaults(first, one, `${at}[${index}]`));
  }
  if (was !== 'map') return [];
  const fields = recorded as Record<string, unknown>;
  // Only what it makes is held against the record: a fake need not say all that a server says.
  return Object.entries(made as Record<string, unknown>).flatMap(([name, value]) =>
    name in fields ? shapeFaults(fields[name], value, `${at}.${name}`) : [`${at}.${name}: not recorded`],
  );
};

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'object' ? 'map' : typeof value;
};
