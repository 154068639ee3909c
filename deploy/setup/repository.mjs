import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json. */
export const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The version of Temporal's command line that deploy/temporal/go.mod pins, such as `1.8.2`. */
export const temporalVersion = (root = repository) => {
  const [, version] =
    readFileSync(join(root, 'deploy/temporal/go.mod'), 'utf8').match(/temporalio\/cli v(\S+)/) ?? [];
  if (version === undefined)
    throw new Error('deploy/temporal/go.mod does not name github.com/temporalio/cli');
  return version;
};
