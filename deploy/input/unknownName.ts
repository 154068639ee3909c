import { isSlug } from '../../workflows/domain/naming.ts';
import { nearest } from '../../workflows/domain/nearest.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { InputFault } from './rejected.ts';
import type { Path, YamlSource } from './yamlSource.ts';

/** The fault of a name that stands for nothing that is configured, with the one that was meant; none for a known one. */
export const unknownName = (
  source: YamlSource,
  path: Path,
  kind: string,
  name: string,
  known: readonly string[],
): InputFault[] => {
  // Without any, the section itself is at fault, and that has been told; so has a name that cannot be one.
  if (known.length === 0 || known.includes(name) || !isSlug(name)) return [];
  const meant = nearest(name, known);
  const hint = meant === undefined ? '' : `Did you mean "${meant}"? `;
  const what = `no ${kind} "${oneLine(name, 60)}" is configured`;
  return [source.fault(path, what, `${hint}Known: ${known.join(', ')}`)];
};
