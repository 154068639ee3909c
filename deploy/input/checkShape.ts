import type * as z from 'zod';
import { slugForm } from '../../workflows/domain/naming.ts';
import { nearest } from '../../workflows/domain/nearest.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { acceptedAt, keysAt, takesWhole } from './accepted.ts';
import type { InputFault } from './rejected.ts';
import { shown } from './shown.ts';
import { type Path, pathText, type YamlSource } from './yamlSource.ts';

/** Checks a file against a schema: the value, or every mistake with its place, what was found and the accepted form. */
export const checkShape = <T>(
  schema: z.ZodType<T>,
  source: YamlSource,
): { readonly value: T | undefined; readonly faults: readonly InputFault[] } => {
  const result = schema.safeParse(source.value, { reportInput: true });
  if (result.success) return { value: result.data, faults: [] };
  const faults = result.error.issues.flatMap((issue) => issueFaults(schema, source, issue, []));
  return { value: undefined, faults };
};

const issueFaults = (
  schema: z.ZodType,
  source: YamlSource,
  issue: z.core.$ZodIssue,
  around: Path,
): InputFault[] => {
  const path: Path = [...around, ...issue.path.map((step) => (typeof step === 'symbol' ? '' : step))];
  const form = acceptedAt(schema, path);
  const keys = form === undefined ? keysAt(schema, path) : [];
  const ofKeys = keys.length === 0 ? '' : `Expected a map with ${keys.join(', ')}`;
  const accepted = form === undefined ? ofKeys : `Expected ${form}`;

  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(source, path, key, keysAt(schema, path)));
    case 'invalid_key': {
      const name = oneLine(String(path.at(-1) ?? ''), 60);
      return [source.faultAtKey(path, `"${name}" is not a usable name`, `Expected ${slugForm}`)];
    }
    case 'invalid_union': {
      const inside = takesWhole(issue.input)
        ? undefined
        : issue.errors.find((issues) => issues.every(({ path: inner }) => inner.length > 0));
      if (inside) return inside.flatMap((inner) => issueFaults(schema, source, inner, path));
      return [source.fault(path, `found ${shown(issue.input, path)}`, accepted)];
    }
    case 'custom':
      return [source.fault(path, `${shown(issue.input, path)} ${issue.message}`, accepted)];
    case 'too_big':
      if (typeof issue.input !== 'string')
        return [source.fault(path, `found ${shown(issue.input, path)}`, accepted)];
      return [
        source.fault(path, `has ${issue.input.length} characters`, `At most ${issue.maximum} are accepted`),
      ];
    default:
      if (issue.input === undefined) return [missing(source, path, accepted)];
      return [source.fault(path, `found ${shown(issue.input, path)}`, accepted)];
  }
};

const missing = (source: YamlSource, path: Path, accepted: string): InputFault => {
  const parent = path.slice(0, -1);
  const { line, column } = source.fault(parent, '');
  return { ...source.fault(path, 'is missing', accepted), line, column };
};

const unknownKey = (source: YamlSource, path: Path, key: string, known: readonly string[]): InputFault => {
  const meant = nearest(key, known);
  const where = path.length === 0 ? 'at the top of this file' : `in ${pathText(path)}`;
  const hint = meant === undefined ? `Known there: ${known.join(', ')}` : `Did you mean "${meant}"?`;
  return {
    ...source.faultAtKey([...path, key], `no field "${oneLine(key, 60)}" is known ${where}`, hint),
    at: '',
  };
};
