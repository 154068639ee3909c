/** A name of a-z, 0-9 and - that reads like the text: `Übersicht 2.0` → `ubersicht-2-0`; empty when none can be made of it. */
export const slugFrom = (text: string): string =>
  text
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+/g, '')
    .slice(0, 40)
    .replaceAll(/-+$/g, '');
