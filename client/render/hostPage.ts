import type { HostSettings } from '../../workflows/domain/host/model.ts';
import { plain } from '../../workflows/domain/text.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

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
