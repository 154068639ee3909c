import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The file of a scenario: one that comes with the bench, by name, or any by its path. */
export const scenarioFile = (named: string): string => {
  const bundled = fileURLToPath(new URL(`scenarios/${named}.yaml`, import.meta.url));
  return /^[a-z0-9-]+$/.test(named) && existsSync(bundled) ? bundled : named;
};
