/** Whether a text has more bytes than this in UTF-8, which has three at most for a unit of UTF-16: few are counted. */
export const longerThan = (bytes: number, text: string): boolean => text.length * 3 > bytes && new TextEncoder().encode(text).length > bytes
