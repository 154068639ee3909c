import { createHash } from 'node:crypto';
import { findToolchains } from '../sandbox/toolchains.ts';

/**
 * What a gate's result hangs on beside the rig's configuration and the tree: the kind of machine, the sandbox, and where programs are
 * found. Another one asks the gates again, and voids nothing that has landed.
 */
export const gateMachine = async (sandbox: string): Promise<string> => {
  const { path } = await findToolchains([]);
  return createHash('sha256')
    .update(JSON.stringify([process.platform, process.arch, sandbox, path]))
    .digest('hex');
};
