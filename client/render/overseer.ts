/** What the record calls the Overseer is the person who reads it here. */
export const toReader = (text: string): string => text.replaceAll(/\bby the Overseer\b/g, 'by you');
