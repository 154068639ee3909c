import type { ProbeField } from '../../workflows/domain/host/probeFields.ts';
import { plain } from '../../workflows/domain/text.ts';
import { bytes } from './amounts.ts';
import { type Column, table } from './table.ts';
import type { Terminal } from './terminal.ts';

const columns: readonly Column[] = [
  { title: 'FIELD' },
  { title: 'VALUE' },
  { title: 'FROM', whole: true },
  { title: 'BY', gives: true },
];

const indent = '     ';

/** What is known of a host, a line for each field with where it comes from. */
export const fieldLines = (fields: readonly ProbeField[], terminal: Terminal): readonly string[] => {
  if (fields.length === 0) return [];
  const rows = fields.map((one) => [one.field, valueText(one), one.from, one.by].map(plain));
  const [head = '', ...lines] = table(columns, rows, terminal.width - indent.length);
  return [terminal.paint('dim', `${indent}${head}`), ...lines.map((line) => `${indent}${line}`)];
};

const valueText = ({ value, unit }: ProbeField): string => {
  if (value === null) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number')
    return unit === 'bytes' ? bytes(value) : `${value}${unit === undefined ? '' : ` ${unit}`}`;
  return typeof value === 'string' ? value : value.join(', ') || 'none';
};
