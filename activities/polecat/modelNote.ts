import * as z from 'zod';
import { jsonIn } from '../models/jsonIn.ts';
import { unmasked } from './untrusted.ts';

/** What a model may say of its own work: what it has done, decided and means to do. Files and failures are read from git and the gates (G3). */
export interface ModelNote {
  readonly done: string;
  readonly decisions: readonly string[];
  readonly next: string;
}

const schema = z.object({
  done: z.string().trim().min(1).max(4_000),
  decisions: z.array(z.string().trim().min(1).max(1_000)).max(20).default([]),
  next: z.string().trim().min(1).max(2_000),
});

/** The note in a reply; undefined when it has none of this shape, and code writes it alone. */
export const readModelNote = (reply: string): ModelNote | undefined => {
  const json = jsonIn(unmasked(reply));
  if ('fault' in json) return;
  const read = schema.safeParse(json.value);
  return read.success ? read.data : undefined;
};
