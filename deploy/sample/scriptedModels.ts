/** The models of a scripted host: one that is always there, or several that displace each other, as with llama.cpp's router. */

export interface ScriptedModels {
  /** The answer to `GET /v1/models`. */
  readonly list: () => object;
  /** Whether calls of this model are answered now. */
  readonly isLoaded: (model: string) => boolean;
  /** The answer to a path of the router's; undefined where it knows none such. */
  answer(path: string, model: string): { readonly status: number; readonly body: object } | undefined;
}

interface Options {
  readonly names: readonly string[];
  readonly context: number;
  /** What a load takes, ms, and an unload a third of it. */
  readonly loadMs: number;
}

type Status = 'unloaded' | 'loading' | 'loaded';

export const createScriptedModels = ({ names, context, loadMs }: Options): ScriptedModels => {
  const isRouter = names.length > 1;
  const statuses = new Map<string, Status>(names.map((name) => [name, isRouter ? 'unloaded' : 'loaded']));

  const become = (model: string, status: Status, afterMs: number): void => {
    // Only the answer waits for it: the host may be closed meanwhile.
    setTimeout(() => statuses.set(model, status), afterMs).unref();
  };

  return {
    list: () => ({
      object: 'list',
      data: names.map((id) => ({
        ...{ id, object: 'model', owned_by: isRouter ? 'llamacpp' : 'scripted', meta: { n_ctx: context } },
        ...(isRouter ? { status: { value: statuses.get(id) } } : {}),
      })),
    }),

    isLoaded: (model) => statuses.get(model) === 'loaded' || (!isRouter && names.length > 0),

    answer(path, model) {
      if (!isRouter) return;
      if (path === '/props')
        return { status: 200, body: { default_generation_settings: { n_ctx: context } } };
      if (path !== '/models/load' && path !== '/models/unload') return;
      if (!statuses.has(model)) return { status: 404, body: { error: { message: 'File Not Found' } } };
      // The router answers before it is done, as the real one does.
      if (path === '/models/load') {
        statuses.set(model, 'loading');
        become(model, 'loaded', loadMs);
      } else become(model, 'unloaded', loadMs / 3);
      return { status: 200, body: { success: true } };
    },
  };
};
