import type { HostCommand, Json } from './model.ts';

/** What stands for `{model}` and `{context}`. */
export interface Filling {
  readonly model: string;
  readonly context: number;
}

/**
 * The arguments of a program with the marks filled in. A mark is a whole argument and becomes one: whatever a name holds, nothing
 * splits it. `load` and `unload` name their model by all means, at the end where no mark does.
 */
export const filledArguments = (argv: readonly string[], filling: Filling | undefined): readonly string[] => {
  if (filling === undefined) return argv;
  const filled = argv.map((one) =>
    one === modelMark ? filling.model : one === contextMark ? String(filling.context) : one,
  );
  return argv.includes(modelMark) ? filled : [...filled, filling.model];
};

/** A path with the marks filled in; nothing in a name becomes a path or a query of its own. */
export const filledPath = (path: string, filling: Filling | undefined): string =>
  filling === undefined
    ? path
    : path
        .replaceAll(modelMark, () => encodeURIComponent(filling.model))
        .replaceAll(contextMark, String(filling.context));

/** A body with the marks filled in: whole values become the name and the number, text around a mark stays text. */
export const filledBody = (body: Json, filling: Filling | undefined): Json => {
  if (filling === undefined) return body;
  if (typeof body === 'string') {
    if (body === contextMark) return filling.context;
    return body.replaceAll(modelMark, () => filling.model).replaceAll(contextMark, String(filling.context));
  }
  if (isList(body)) return body.map((one) => filledBody(one, filling));
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, filledBody(value, filling)]));
};

/** A command as evidence shows it. */
export const commandText = (command: HostCommand, filling: Filling | undefined): string =>
  'argv' in command
    ? JSON.stringify(filledArguments(command.argv, filling))
    : `${command.method} ${filledPath(command.path, filling)}`;

const modelMark = '{model}';
const contextMark = '{context}';

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
