import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { problem } from './problem.mjs';

/** The first Node that runs TypeScript files as they are. */
const oldest = [22, 18];

/**
 * The Node that can run the town: this one if it is new enough, else on Linux the one that came with the packages.
 * Callers spawn it themselves: a shell that has looked up `node` once goes on with the old one.
 */
export const townNode = (root, { versions = process.versions, execPath = process.execPath } = {}) => {
  const [major, minor] = versions.node.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return execPath;
  const packaged = packagedNode(root);
  if (existsSync(packaged)) return packaged;
  throw problem({
    what: `This Node (${versions.node}) is too old for the town, and there is none among the installed packages.`,
    evidence: `${execPath} is ${versions.node}, needed is ${oldest.join('.')} or newer; looked for ${packaged}`,
    next:
      process.platform === 'linux'
        ? 'Run `npm ci --include=optional` once more, or install Node 24 (https://nodejs.org/en/download).'
        : 'Install Node 24: `brew install node@24`, or https://nodejs.org/en/download.',
  });
};

/** An optional dependency, fetched on Linux alone; it goes when Node 22.18 is common. */
export const packagedNode = (root) =>
  join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
