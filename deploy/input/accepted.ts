import type * as z from 'zod';
import { forms } from './forms.ts';
import type { Path } from './yamlSource.ts';

type Schema = z.core.$ZodType;

/** What a field accepts, in words, looked up in the schema by its path. */
export const acceptedAt = (schema: Schema, path: Path): string | undefined => {
  for (const found of schemasAt([schema], path)) {
    for (const layer of layers(found)) {
      const form = forms.get(layer as z.ZodType)?.form;
      if (form !== undefined) return form;
    }
  }
  return;
};

/** The fields that an object at a path may have. */
export const keysAt = (schema: Schema, path: Path): string[] =>
  schemasAt([schema], path)
    .flatMap(layers)
    .flatMap((layer) => Object.keys(shapeOf(layer) ?? {}));

/** Whether a union should be explained as a whole: its parts tell only lists and maps apart. */
export const takesWhole = (input: unknown): boolean => typeof input !== 'object' || input === null;

const schemasAt = (schemas: readonly Schema[], path: Path): readonly Schema[] => {
  const [step, ...rest] = path;
  if (step === undefined) return schemas;
  const inner = schemas.flatMap(layers).flatMap((schema) => childrenOf(schema, step));
  return inner.length === 0 ? [] : schemasAt(inner, rest);
};

const childrenOf = (schema: Schema, step: string | number): Schema[] => {
  const { def } = schema._zod as unknown as { def: Record<string, unknown> };
  if (def['type'] === 'array') return typeof step === 'number' ? [def['element'] as Schema] : [];
  if (def['type'] === 'record') return [def['valueType'] as Schema];
  const field = shapeOf(schema)?.[String(step)];
  return field === undefined ? [] : [field];
};

const shapeOf = (schema: Schema): Record<string, Schema> | undefined => {
  const { def } = schema._zod as { def: { type: string; shape?: Record<string, Schema> } };
  return def.type === 'object' ? def.shape : undefined;
};

/** A schema, and what it wraps: defaults, optionals, pipes, the options of unions. */
const layers = (schema: Schema): Schema[] => {
  const { def } = schema._zod as {
    def: { innerType?: Schema; in?: Schema; options?: readonly Schema[] };
  };
  const inner = [def.innerType, def.in, ...(def.options ?? [])].filter((each) => each !== undefined);
  return [schema, ...inner.flatMap(layers)];
};
