import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A prompt text with variables `{{name}}`. */
export interface Template {
  readonly name: string;
  readonly text: string;
}

/** Reads a template of a folder `prompts`: of this one, or of the one beside another file. */
export const loadTemplate = (name: string, beside: string = import.meta.url): Template => ({
  name,
  text: readFileSync(new URL(`./prompts/${name}`, beside), 'utf8'),
});

/**
 * Fills a template. Throws for a variable without a value and for a value without a variable: a prompt that silently lacks
 * its task costs a night. Values are not filled again, whatever they hold.
 */
export const fillTemplate = (template: Template, values: Readonly<Record<string, string>>): string => {
  const used = new Set<string>();
  const text = template.text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new Error(`The template ${template.name} needs a value for {{${name}}}.`);
    used.add(name);
    return value;
  });
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0)
    throw new Error(
      `The template ${template.name} has no place for ${unused.map((name) => `{{${name}}}`).join(', ')}.`,
    );
  return text;
};

/** One short hash of several templates: which wording a prompt was made with. */
export const templateHash = (templates: readonly Template[]): string => {
  const hash = createHash('sha256');
  for (const { name, text } of templates) hash.update(`${name}\0${text}\0`);
  return hash.digest('hex').slice(0, 16);
};
