/** A text without the passwords and tokens of the URLs in it. The user name of ssh stays: it is no secret. */
export const redacted = (text: string): string =>
  text.replaceAll(/\b([a-z][a-z0-9+.-]*):\/\/([^\s/@]*)@/gi, (_, scheme: string, user: string) =>
    /^(git\+)?ssh$/i.test(scheme) ? `${scheme}://${user.split(':')[0]}@` : `${scheme}://***@`,
  );
