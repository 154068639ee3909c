/** A text is named by its sha256 in hex; histories, trailers and transcripts carry that name. */
export const isBlobRef = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** Where a blob is in the folder of blobs. Workers and people's command lines read each other's files. */
export const blobPath = (ref: string): string => `${ref.slice(0, 2)}/${ref}`;
