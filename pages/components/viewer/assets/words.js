/** What a person wrote, made fit to be stored: the server refuses a text that not every database can hold. */

/** Word processors end a line in these ways too. */
const OTHER_LINE_ENDS = /\r\n?|[\v\f\u0085]/g;
const UNFIT = /[\0-\x08\x0e-\x1f\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The text with line ends as one sign, and U+FFFD for control characters and halves of an emoji. */
export function fit(text) {
  return text.replace(OTHER_LINE_ENDS, "\n").replace(UNFIT, "\ufffd");
}
