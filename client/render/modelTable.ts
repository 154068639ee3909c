import type { ServedModel } from '../../deploy/hosts/server.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { table } from './table.ts';
import { terminalOf } from './terminal.ts';

/** The models of servers, numbered, for a person to choose from. */
export const modelTable = (models: readonly ServedModel[], stream: NodeJS.WriteStream): readonly string[] =>
  table(
    [
      { title: '', align: 'right' },
      { title: 'MODEL', gives: true },
      { title: 'SIZE', align: 'right' },
      { title: 'CONTEXT', align: 'right' },
      { title: 'MADE FOR', align: 'right' },
      { title: '' },
    ],
    models.map((model, index) => [
      String(index + 1),
      oneLine(model.name, 60),
      size(model.bytes),
      model.context === undefined ? '?' : String(model.context),
      model.trained === undefined ? '?' : String(model.trained),
      model.loaded ? 'loaded' : '',
    ]),
    Math.min(terminalOf(stream).width, 100),
  );

/** A model in a line: `qwen3-coder:30b, 18.6 GB, made for 262144 tokens`. */
export const modelLine = (model: ServedModel): string =>
  [
    oneLine(model.name, 60),
    ...(model.bytes === undefined ? [] : [size(model.bytes)]),
    ...(model.trained === undefined ? [] : [`made for ${model.trained} tokens`]),
  ].join(', ');

const size = (bytes: number | undefined): string => {
  if (bytes === undefined) return '?';
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`;
};
