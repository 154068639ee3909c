import { madeRoom } from '../domain/bead/beadHandover.ts';
import { fullAt, isFull } from '../domain/bead/handover.ts';
import type { ComposedPrompt, WrittenNote } from '../ports.ts';
import { ask } from './ask.ts';
import { composeNote } from './compose.ts';
import type { Polecat } from './polecat.ts';

/**
 * The note that the next conversation begins from. The model may say what it has done, decided and means to do; what has changed
 * and what fails is read from git and the gates (G3). Without a usable word of the model's the note is made by code alone.
 */
export const noteOf = async (polecat: Polecat, reason: string): Promise<WrittenNote | undefined> => {
  const { input, life } = polecat;
  // Only a conversation in the middle of its work has something to say that git and the gates do not.
  const inTheMiddle = life.turn > 0 && life.base !== undefined && life.todo === 'compose';
  // Whoever hands over because a model does not answer must not wait for its last words.
  const isSilent = polecat.trouble !== undefined;
  if (input.craft === undefined || !inTheMiddle || isSilent) return polecat.writeNote(reason);
  const prompt = await composeNote(polecat);
  const said = prompt === 'interrupted' ? undefined : await ask(polecat, polecat.model(), prompt, 'note');
  return polecat.writeNote(reason, said?.replyRef);
};

/** Hands a full conversation over before its prompt is sent; whether it did. */
export const handOverFull = async (polecat: Polecat, { fill }: ComposedPrompt): Promise<boolean> => {
  const { input, life } = polecat;
  if (input.craft === undefined || !isFull({ fill, looks: life.looks?.length ?? 0 })) return false;
  const why = `the conversation fills ${Math.round((fill ?? fullAt) * 100)} % of the context`;
  const note = await noteOf(polecat, why);
  polecat.life = madeRoom(polecat.life, note?.noteRef, why);
  return true;
};
