/** `gt __names KIND WORDS…`, which completion scripts run: names of that kind, a line each, and silence whatever is wrong. */
import { type NameKind, nameKinds, namesOf } from './names.ts';

const [, , , kind, ...words] = process.argv;

const valueOf = (option: string): string | undefined => {
  const at = words.indexOf(option);
  return (
    words.find((word) => word.startsWith(`${option}=`))?.slice(option.length + 1) ??
    words[at < 0 ? words.length : at + 1]
  );
};

const isKind = (text: string | undefined): text is NameKind => nameKinds.some((known) => known === text);

if (isKind(kind)) {
  const names = await namesOf(kind, { home: valueOf('--home'), config: valueOf('--config') }).catch(() => []);
  if (names.length > 0) process.stdout.write(`${names.join('\n')}\n`);
}
