/**
 * A value as JSON that can stand inside a `<script>`: there a parser of HTML looks for tags and comments, whatever the
 * quotes say. The same value comes out of `JSON.parse`.
 */
export function embedJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
