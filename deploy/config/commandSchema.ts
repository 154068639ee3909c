import * as z from 'zod';
import type { HostCommand, Json } from '../../workflows/domain/host/model.ts';
import { line, withForm } from '../input/forms.ts';

/** A path of the host: nothing in front of it, so that it leads nowhere else. */
const hostPath = () =>
  withForm(
    z
      .string()
      .max(400)
      .regex(/^\/(?!\/)[^\s\p{Cc}#\\]*$/u),
    'a path of the host such as /api/v1/models/load',
  );

const body = () => withForm(z.record(z.string().max(100), z.unknown()), 'a map that is sent as JSON');

/** A program with its arguments, or a call to the host, as it is written. */
const hostCommand = () =>
  withForm(
    z
      .union([
        z.array(line(1_000, 'one argument of a program')).min(1).max(64),
        z.strictObject({ get: hostPath().describe('A path that is asked for.') }),
        z.strictObject({
          post: hostPath().describe('A path that is posted to.'),
          body: body()
            .optional()
            .describe('What is sent there, as JSON. Values may be the marks, too. Default: nothing.'),
        }),
      ])
      .transform(toCommand),
    'a program with its arguments such as [lms, load, "{model}"], or a call to the host such as {post: /api/v1/models/load, body: {model: "{model}"}} or {get: /api/v1/models}',
  );

/** How models of a host are loaded, as it is written. */
export const commandsSchema = () =>
  withForm(
    z.strictObject({
      load: hostCommand().describe(
        'Loads a model: a program with its arguments, run without a shell and without the town’s keys, or a call to the host. An argument {model} is the name of the model, {context} its tokens; a program that has no {model} gets the name as its last argument. It may take as long as a call, and the town looks afterwards whether the model is there.',
      ),
      unload: hostCommand()
        .optional()
        .describe('Unloads a model, in the same form. Default: the server makes room by itself.'),
      probe: hostCommand()
        .optional()
        .describe(
          'Says what is in memory: JSON with a list of models, such as lms ps --json prints, or a name on each line. Default: every model that /v1/models lists counts as loaded, and only a call proves it.',
        ),
    }),
    'commands: a map with load, and unload and probe where there are such',
  );

type Written =
  | readonly string[]
  | { readonly get: string }
  | { readonly post: string; readonly body?: Record<string, unknown> | undefined };

const toCommand = (written: Written): HostCommand => {
  if (isList(written)) return { argv: written };
  if ('get' in written) return { method: 'GET', path: written.get };
  // YAML reads what JSON has, and no more.
  return {
    method: 'POST',
    path: written.post,
    ...(written.body === undefined ? {} : { body: written.body as Json }),
  };
};

const isList = (written: Written): written is readonly string[] => Array.isArray(written);
