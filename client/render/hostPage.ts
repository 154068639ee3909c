import type { HostCheck, ModelCheck } from '../../deploy/hosts/check.ts';
import type { HostSettings } from '../../workflows/domain/model.ts';
import { plain } from '../../workflows/domain/text.ts';
import { moment } from './amounts.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';
import { troubleLines } from './troubleLines.ts';

interface ListedHost extends HostSettings {
  readonly models: readonly { readonly key: string; readonly name: string; readonly context: number }[];
}

/** `gt host list`. */
export const hostTable = (hosts: readonly ListedHost[], terminal: Terminal): readonly string[] =>
  table(
    [
      { title: 'HOST' },
      { title: 'KIND' },
      { title: 'SLOTS', align: 'right' },
      { title: 'URL' },
      { title: 'MODELS', gives: true },
    ],
    hosts.map((host) => [
      host.name,
      host.kind,
      String(host.slots),
      plain(host.url),
      host.models.map(({ key }) => key).join(', ') || 'none',
    ]),
    terminal.width,
  );

/** `gt host check`: a line for each host and model, and what is wrong in three parts below. */
export const hostCheckPage = (checks: readonly HostCheck[], terminal: Terminal): readonly string[] =>
  checks.flatMap((check) => [
    `${mark(check.trouble === undefined, terminal)} host ${check.host}: ${plain(check.software ?? 'nothing usable')} at ${plain(check.url)}`,
    ...(check.trouble === undefined ? [] : troubleLines(check.trouble, terminal, '    ')),
    ...check.models.flatMap((model) => [
      `  ${mark(model.trouble === undefined, terminal)} model ${model.key}: ${plain(model.name)}, ${modelText(model)}`,
      ...(model.trouble === undefined ? [] : troubleLines(model.trouble, terminal, '      ')),
    ]),
  ]);

const modelText = ({ context, promised, ms, loaded, trouble }: ModelCheck): string => {
  const gets = context === undefined ? `${promised} tokens promised` : `${context} tokens of context`;
  if (trouble !== undefined) return gets;
  return `${gets}, ${ms === undefined ? (loaded ? 'loaded, not asked' : 'not loaded now, not asked') : `one token in ${moment(ms)}`}`;
};

const mark = (well: boolean, terminal: Terminal): string =>
  well ? terminal.paint('green', 'ok  ') : terminal.paint('red', 'FAIL');
