/**
 * Shortens text from a server for a message, and replaces every character that a terminal or a log might interpret. Headers may
 * contain any byte above 0x7f, and names in certificates any character.
 *
 * @private Does not follow semantic versioning.
 */
export function plainText(text: string, mostCharacters = 100): string {
  const plain = text.replaceAll(/[^\x20-\x7e]/gu, "?");
  return plain.length <= mostCharacters ? plain : `${plain.slice(0, mostCharacters)}...`;
}
