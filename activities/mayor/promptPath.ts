import { shownPath } from '../polecat/safety.ts';
import { masked } from '../polecat/untrusted.ts';

/** Files that must never be shown, whatever the rig allows: they hold secrets in many repositories. */
export const maySecrete = (path: string): boolean =>
  /(^|\/)(\.env(\..*)?|\.npmrc|\.netrc|\.pypirc|credentials.*|secrets?\..*|id_(rsa|dsa|ecdsa|ed25519))$|\.(pem|key|p12|pfx|jks|keystore|kdbx)$/i.test(
    path,
  );

/** A path as a prompt may hold it. */
export const promptPath = (path: string): string => masked(shownPath(path));
